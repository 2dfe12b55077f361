-- One row per weighting scheme, strategy year and measure of a group or subgroup of offences: the
-- weighted harm of what it counts in the whole area. Empty unless the partnership supplies weights.
-- A code without a weight adds nothing, so the share of offences that were weighed stands beside
-- it.
with
    weights as (
        select scheme, ho_code, weight
        from {{ ref("stg_reference__harm_weights") }}
        where reject_reason is null
        -- A later edition of a scheme replaces the earlier one whole.
        qualify dense_rank() over (partition by scheme order by as_at desc, edition desc) = 1
    ),

    offences as (
        select measures.measure_id, years.strategy_year, crimes.ho_code, count(*) as offences
        from {{ ref("stg_police__recorded_crime") }} as crimes
        inner join
            {{ ref("strategy_years") }} as years
            on crimes.period_month between years.starts_on and years.ends_on
        inner join
            {{ ref("offence_measures") }} as measures
            on measures.offence_group = crimes.offence_group
            and (
                measures.offence_subgroup is null
                or measures.offence_subgroup = crimes.offence_subgroup
            )
        inner join {{ ref("int_place") }} as place on place.place_code = crimes.lsoa_code
        inner join
            {{ ref("int_area_member") }} as members
            on members.unit_code = place.unit_code
            and members.area_type = 'city'
        where crimes.reject_reason is null
        group by all
    )

select
    schemes.scheme,
    offences.strategy_year,
    offences.measure_id,
    steady_sum(offences.offences * weights.weight) as harm,
    sum(offences.offences) filter (where weights.weight is not null)
    / cast(sum(offences.offences) as double) as weighed_share
from offences
cross join (select distinct scheme from weights) as schemes
left join weights on weights.scheme = schemes.scheme and weights.ho_code = offences.ho_code
group by all
