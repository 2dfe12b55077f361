-- One row per disclosure rule: what is hidden and rounded before counts may leave. The seed of the
-- register has the table's name.
{{ config(alias="disclosure_rules") }}
select
    cast(rule_id as varchar) as disclosure_rule,
    cast(description as varchar) as description,
    cast(suppress_to as integer) as suppress_to,
    cast(round_to as integer) as round_to,
    cast(least_width as integer) as least_width,
    cast(periods as varchar) as periods,
    cast(
        (
            select count(*)
            from {{ ref("measure_register") }} as measure
            where measure.disclosure_rule = rules.rule_id
        ) as integer
    ) as measures,
    cast(source as varchar) as source,
    cast(verified as varchar) as verified
from {{ ref("disclosure_rules") }} as rules
order by disclosure_rule
