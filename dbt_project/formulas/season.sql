-- What is usual for each month of the year. `months_of` names a table with series, month_start,
-- year
-- (a key of twelve months), phase (of months that compare), value and is_event; one row per series
-- and month of the year of which a whole year is known: all twelve months, in one phase.
-- A month with a registered event is left out, and the level of its year taken from the other
-- months by what years without an event have in them. `seasonal_index` (the average month is 100)
-- is
-- only given from seasonal_years whole years on.
create or replace temp macro season_of(months_of) as table (
    with
        whole as (
            select
                series,
                year,
                month(month_start) as month_of_year,
                cast(value as double) as value,
                coalesce(is_event, false) as is_event,
                bool_or(coalesce(is_event, false)) over in_year as has_event,
                avg(value) over in_year as mean
            from query_table(months_of)
            window in_year as (partition by series, year)
            qualify
                count(value) over in_year = 12
                and min(phase) over in_year = max(phase) over in_year
        ),

        quiet as (
            select series, month_of_year, avg(steady(value / nullif(mean, 0))) as share
            from whole
            where not has_event
            group by series, month_of_year
        ),

        levelled as (
            select
                whole.*,
                case
                    when whole.has_event
                    then
                        sum(whole.value) filter (where not whole.is_event) over in_year
                        / nullif(
                            sum(steady(coalesce(quiet.share, 1))) filter (where not whole.is_event) over in_year,
                            0
                        )
                    else whole.mean
                end as level
            from whole
            left join
                quiet
                on quiet.series = whole.series
                and quiet.month_of_year = whole.month_of_year
            window in_year as (partition by whole.series, whole.year)
        ),

        shares as (
            select
                series,
                month_of_year,
                count(*) as whole_years,
                count(*) filter (where not is_event) as years,
                list_avg(
                    list(100 * value / nullif(level, 0) order by year) filter (where not is_event)
                ) as usual,
                min(100 * value / nullif(level, 0)) filter (where not is_event) as lowest_index,
                max(100 * value / nullif(level, 0)) filter (where not is_event) as highest_index
            from levelled
            group by series, month_of_year
        )

    select
        series,
        month_of_year,
        whole_years,
        years,
        case
            when
                whole_years >= seasonal_years()
                and count(usual) over (partition by series) = 12
            then
                100 * usual
                -- A fixed order of summation: the same bytes every time.
                / nullif(list_avg(list_sort(list(usual) over (partition by series))), 0)
        end as seasonal_index,
        lowest_index,
        highest_index
    from shares
)
;

-- Whether a month is usually high or low: by so many points, and in every year that is known. Null
-- where no index is given.
create or replace temp macro season_word(seasonal_index, lowest_index, highest_index) as
    case
        when seasonal_index is null
        then null
        when seasonal_index >= 100 + seasonal_points() and lowest_index > 100
        then 'high'
        when seasonal_index <= 100 - seasonal_points() and highest_index < 100
        then 'low'
        else 'ordinary'
    end
;
