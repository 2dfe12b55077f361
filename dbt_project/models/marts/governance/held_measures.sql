-- One row per measure that gate 2 holds, or that a waiver releases: since when, why, and how.
with
    worded as (
        select
            held.*,
            register.measure_name,
            case
                held.quantity
                when 'city'
                then 'its figure for the whole area'
                when 'base'
                then 'the base of its share'
                when 'wards'
                then 'the sum of its wards'
                else 'its published value'
            end as what_moved,
            case
                when held.periods = 1
                then 'in the period from ' || strftime(held.first_day, '%-d %B %Y')
                else
                    'in '
                    || held.periods
                    || ' periods from '
                    || strftime(held.first_day, '%-d %B %Y')
                    || ' to '
                    || strftime(held.last_day, '%-d %B %Y')
            end as in_periods,
            case
                when held.state = 'waived'
                then 'released by a waiver'
                when held.has_published
                then 'its last published figures stand'
                else 'it has no figures, for none were published before'
            end as what_stands
        from {{ ref("int_held_measure") }} as held
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = held.measure_id
    )

select
    cast(measure_id as varchar) as measure_id,
    cast(state as varchar) as state,
    cast(held_since as date) as held_since,
    cast(reason as varchar) as reason,
    cast(quantity as varchar) as quantity,
    cast(periods as integer) as periods,
    cast(first_day as date) as first_day,
    cast(last_day as date) as last_day,
    cast(value_now as double) as value_now,
    cast(value_expected as double) as value_expected,
    cast(rows_now as bigint) as rows_now,
    cast(source_feed as varchar) as feed,
    cast(delivery_id as varchar) as delivery_id,
    cast(array_to_string(figures_of_deliveries, ' ') as varchar) as figures_of_deliveries,
    cast(measure_id || '/' || coalesce(delivery_id, 'none') as varchar) as waiver_scope,
    cast(
        measure_name
        || ' ('
        || measure_id
        || ') is '
        || case when state = 'held' then 'held' else 'in doubt' end
        || ' since '
        || strftime(held_since, '%-d %B %Y')
        || ': '
        || what_moved
        || ' '
        || case
            reason
            when 'collapsed'
            then
                'fell to nothing ' || in_periods || ' although the rows it is made of were received'
            when 'jumped'
            then
                'lies beyond its own history '
                || in_periods
                || ' although the rows it is made of do not'
            when 'placed_nowhere'
            then 'is nothing ' || in_periods || ' because no row was placed in the area'
            else 'changed ' || in_periods || ' without a new delivery'
        end
        || '; '
        || what_stands as varchar
    ) as sentence
from worded
order by measure_id
