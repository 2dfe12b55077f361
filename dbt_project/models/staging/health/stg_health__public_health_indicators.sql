-- One row per row of a current edition: an indicator's value for an area, sex, age and time period.
-- The time period becomes days: 2022/23, 2023, 2021 - 23 or 2020/21 - 22/23.
with
    typed as ({{ typed_rows("health", "public_health_indicators") }}),

    parts as (
        select
            *,
            try_cast(left(time_period, 4) as integer) as first_year,
            -- Last two digits of the year that the last of the years begins in.
            try_cast(
                regexp_extract(
                    time_period, '^[0-9]{4}(/[0-9]{2})? - ([0-9]{2})(/[0-9]{2})?$', 2
                ) as integer
            ) as last_year,
            case
                when regexp_full_match(time_period, '[0-9]{4}/[0-9]{2}')
                then 'strategy_year'
                when regexp_full_match(time_period, '[0-9]{4}')
                then 'calendar_year'
                when
                    regexp_full_match(
                        time_period, '[0-9]{4} - [0-9]{2}|[0-9]{4}/[0-9]{2} - [0-9]{2}/[0-9]{2}'
                    )
                then 'pooled_3_years'
            end as written_as
        from typed
    ),

    spans as (
        select
            *,
            case
                when written_as = 'calendar_year'
                then 1
                when
                    written_as = 'strategy_year'
                    and (100 + try_cast(right(time_period, 2) as integer) - first_year % 100) % 100
                    = 1
                then 1
                when
                    written_as = 'pooled_3_years'
                    and (100 + last_year - first_year % 100) % 100 = 2
                    and (
                        time_period not like '%/%'
                        or try_cast(right(time_period, 2) as integer) = (last_year + 1) % 100
                    )
                then 3
            end as years,
            case when time_period like '____/%' then 4 else 1 end as first_month_of_year
        from parts
    ),

    dated as (
        select
            *,
            case
                when years is not null then make_date(first_year, first_month_of_year, 1)
            end as period_start
        from spans
    )

    {{
        stage(
            "health",
            "public_health_indicators",
            derived={
                "period_type": "case when period_start is not null then written_as end",
                "period_start": "period_start",
                "period_end": "cast(period_start + to_years(years) - interval 1 day as date)",
            },
            rejects={"time_period_unknown": "period_start is null"},
            relation="dated",
        )
    }}
