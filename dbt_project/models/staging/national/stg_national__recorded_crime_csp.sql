-- One row per row of a current delivery: offences of one code, quarter and partnership.
with
    delivered as ({{ current_rows("national", "recorded_crime_csp") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            _period as delivery_year,
            replace(financial_year, '/', '-') as financial_year,
            try_cast(financial_quarter as integer) as financial_quarter,
            force_name,
            csp_name,
            offence_code,
            offence_description,
            offence_group,
            offence_subgroup,
            {{ as_number("offences") }} as offences,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    financial_year,
    financial_quarter,
    -- Quarter 1 of a financial year is April to June.
    cast(period_month + to_months(3 * (financial_quarter - 1)) as date) as quarter_month,
    force_name,
    csp_name,
    offence_code,
    offence_description,
    offence_group,
    offence_subgroup,
    offences,
    received_at,
    case
        when financial_year is distinct from delivery_year
        then 'year_is_not_the_deliverys'
        when coalesce(financial_quarter not between 1 and 4, true)
        then 'quarter_unreadable'
        when csp_name is null
        then 'partnership_missing'
        when offence_group is null
        then 'offence_group_missing'
        when offences is null
        then 'offences_not_a_number'
    end as reject_reason
from typed
