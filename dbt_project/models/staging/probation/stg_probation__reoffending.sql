-- One row per row of a current delivery: an offence group of a quarter's cohort.
with
    delivered as ({{ current_rows("probation", "reoffending") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            offence_group,
            {{ as_number("offenders", thousands=true) }} as offenders,
            {{ as_number("reoffenders", thousands=true) }} as reoffenders,
            {{ as_number("reoffences", thousands=true) }} as reoffences,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    offence_group,
    offenders,
    reoffenders,
    reoffences,
    received_at,
    case
        when offenders is null or reoffenders is null or reoffences is null
        then 'number_unreadable'
        when offence_group is null
        then 'offence_group_missing'
        when reoffenders > offenders
        then 'more_reoffenders_than_offenders'
    end as reject_reason
from typed
