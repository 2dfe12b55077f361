-- One row per priority, measure and strategy year: how the whole area changed against the year
-- before, and whether that is more than chance.
select
    cast(priority.priority_id as varchar) as priority_id,
    cast(priority.priority_name as varchar) as priority_name,
    cast(fact.strategy_year as varchar) as strategy_year,
    cast(fact.measure_id as varchar) as measure_id,
    cast(measure.measure_name as varchar) as measure_name,
    cast(membership.sort_order = 1 as boolean) as is_headline,
    cast(fact."count" as bigint) as "count",
    cast(fact.previous_count as bigint) as previous_count,
    cast(fact.change as bigint) as change,
    cast(fact.change_percent as double) as change_percent,
    cast(fact.rate as double) as rate,
    cast(fact.rate_lower as double) as rate_lower,
    cast(fact.rate_upper as double) as rate_upper,
    cast(fact.change_is_significant as boolean) as change_is_significant,
    cast(
        case
            when fact.change_is_significant is null
            then 'cannot be judged'
            when not fact.change_is_significant
            then 'no clear change'
            when measure.method in ('proportion', 'published')
            then case when fact.rate > before.rate then 'higher' else 'lower' end
            when fact.change > 0
            then 'more'
            else 'fewer'
        end as varchar
    ) as finding,
    cast(
        case
            when not coalesce(fact.change_is_significant, false) or measure.polarity = 'neutral'
            then 'neither'
            -- A count is judged as a count: it may have no rate, and people move a rate as well.
            when
                case
                    when measure.method in ('proportion', 'published')
                    then fact.rate > before.rate
                    else fact.change > 0
                end
                = (measure.polarity = 'up')
            then 'better'
            else 'worse'
        end as varchar
    ) as verdict,
    cast(
        coalesce(
            fact.comparison_missing_reason,
            case
                when fact.change_is_significant is not null
                then null
                when measure.method = 'stock'
                then 'stock_has_no_test'
                else 'base_too_small'
            end
        ) as varchar
    ) as not_judged_because,
    cast(fact.is_provisional as boolean) as is_provisional,
    cast(fact.is_synthetic as boolean) as is_synthetic
from {{ ref("fct_measure") }} as fact
inner join {{ ref("dim_measure") }} as measure on measure.measure_id = fact.measure_id
inner join {{ ref("measure_priorities") }} as membership on membership.measure_id = fact.measure_id
inner join {{ ref("dim_priority") }} as priority on priority.priority_id = membership.priority_id
inner join {{ ref("strategy_years") }} as years on years.strategy_year = fact.strategy_year
left join
    {{ ref("fct_measure") }} as before
    on before.measure_id = fact.measure_id
    and before.area_type = fact.area_type
    and before.area_code = fact.area_code
    and before.period_type = fact.period_type
    and before.period_start = cast(fact.period_start - interval 1 year as date)
where fact.area_type = 'city' and fact.period_type = 'strategy_year'
order by priority.sort_order, fact.strategy_year, membership.sort_order
