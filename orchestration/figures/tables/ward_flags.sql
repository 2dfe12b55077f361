-- One row per ward: for how many headline measures that are counted by ward it lies above the
-- outer limit (99.8 %) of the funnel, for how many its rate is among the highest fifth of wards,
-- and for how many years running, this one included, it has been above the outer limit for at
-- least one of them. Measures of which more is better raise no flag. Rates of wards with a centre
-- are of residents, not visitors.
with
    flagged as (
        select
            funnel.strategy_year,
            funnel.area_code as ward_code,
            funnel.area_name as ward_name,
            funnel.measure_id,
            measure.measure_name,
            funnel.position = 'above the outer limit' as is_above,
            rank() over (
                partition by funnel.measure_id, funnel.strategy_year order by funnel.rate desc
            )
            <= count(*) over (partition by funnel.measure_id, funnel.strategy_year)
            / 5.0 as is_in_top_fifth
        from marts.ward_funnel as funnel
        inner join marts.dim_measure as measure on measure.measure_id = funnel.measure_id
        where
            funnel.period_type = 'strategy_year'
            and funnel.strategy_year between $baseline and $year
            and measure.polarity <> 'up'
            and funnel.measure_id
            in (select measure_id from marts.priority_change where is_headline)
    ),
    yearly as (
        select
            ward_code,
            ward_name,
            strategy_year,
            count(*) as measures,
            count(*) filter (where is_above) as above_outer_limit,
            count(*) filter (where is_in_top_fifth) as in_top_fifth,
            string_agg(measure_name, '; ' order by measure_id) filter (
                where is_above
            ) as flagged_measures
        from flagged
        group by ward_code, ward_name, strategy_year
    ),
    -- Consecutive years above the limit share a first year.
    runs as (
        select
            *,
            cast(strategy_year[:4] as integer) - row_number() over (
                partition by ward_code, above_outer_limit > 0 order by strategy_year
            ) as run
        from yearly
    )
select
    ward_code,
    ward_name,
    measures,
    above_outer_limit,
    in_top_fifth,
    flagged_measures,
    case
        when above_outer_limit > 0
        then
            count(*) over (
                partition by ward_code, above_outer_limit > 0, run order by strategy_year
            )
        else 0
    end as years_on_list
from runs
qualify strategy_year = $year
order by above_outer_limit desc, in_top_fifth desc, ward_code
