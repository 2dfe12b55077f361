-- One row per month from the first delivered (or the baseline's first) to the strategy's last.
with
    bounds as (
        select
            least(
                min(strategy_year.starts_on),
                coalesce(
                    (
                        select min({{ month_start("first_month") }})
                        from {{ source("manifest", "deliveries") }}
                        where is_current
                    ),
                    min(strategy_year.starts_on)
                )
            ) as first_month,
            max(strategy_year.ends_on) as last_day
        from {{ ref("strategy_years") }} as strategy_year
    ),

    -- Whole strategy years only, so that no quarter or year begins in its middle.
    aligned as (
        select
            make_date(
                year(first_month) - case when month(first_month) < 4 then 1 else 0 end, 4, 1
            ) as first_month,
            last_day
        from bounds
    )

select
    cast(series.month_start as date) as month_start,
    cast(series.month_start + interval 1 month - interval 1 day as date) as month_end,
    year(series.month_start)
    - case when month(series.month_start) < 4 then 1 else 0 end as strategy_start_year
from
    aligned,
    lateral(
        select
            unnest(
                generate_series(aligned.first_month, aligned.last_day, interval 1 month)
            ) as month_start
    ) as series
