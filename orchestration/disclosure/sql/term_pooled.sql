-- Years that a publisher pools are sums of ours.
with
    pooled as (
        select v.cell, v.area_code, v.period_start, r.part
        from relations as r
        inner join
            variable as v
            on v.measure_id = r.total
            and v.item = 'count'
            and v.area_type = 'city'
            and v.period_type = 'pooled_3_years'
        where r.relation = 'sum' and month(v.period_start) = 4
    ),
    term as (
        select cell as total, cell, -1.0 as coefficient
        from pooled
        union all
        select
            cell,
            cell_of(
                part,
                'city',
                area_code,
                'strategy_year',
                unnest(
                    generate_series(
                        period_start, cast(period_start + interval 2 year as date), interval 1 year
                    )
                )
            ),
            1.0
        from pooled
    )
select 'pooled|' || total, '=', 0.0, cell, 'count', coefficient
from term
