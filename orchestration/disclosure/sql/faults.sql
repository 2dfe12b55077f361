-- One row per fault of the public tables that is visible without any arithmetic.
with
    every as (
        select
            'printed' as kind,
            source,
            cell,
            item,
            'is printed in a row that says ' || reason as detail
        from reading
        where seen is not null and reason is not null
        union all
        select 'geography', source, cell, item, 'is printed below the lowest publishable geography'
        from reading
        where source not like 'before%' and fineness(area_type) > finest
        union all
        select 'period', source, cell, item, 'is printed for a period that is not published'
        from reading
        where
            seen is not null
            and only_years
            and source not like 'before%'
            and not (period_type = 'strategy_year' and area_type in ('city', 'unplaced'))
        union all
        select 'detail', source, cell, item, 'is printed in a detail that is not published'
        from reading
        anti join truth using (cell)
        where is_profile(area_type) and source not like 'before%' and seen is not null
        union all
        select 'false', r.source, r.cell, r.item, 'is printed as what it is not'
        from reading as r
        inner join truth as t on t.cell = r.cell and t.item = r.item
        where
            r.seen is not null
            and t.value is not null
            and (t.value < r.low or t.value > coalesce(r.high, t.value))
        union all
        select 'contradiction', 'all', cell, item, 'is told differently by two tables'
        from item
        where read_low > read_high
        union all
        select
            'derived',
            'concentration',
            t.measure_id || '|' || t.strategy_year,
            'count',
            'is made from counts of LSOAs that are not exact'
        from concentration as t
        inner join measure as m on m.measure_id = t.measure_id and not m.is_exact
        where coalesce(t.share_in_top_tenth, t.lsoas_with_half, t.persistence) is not null
        union all
        select
            'derived',
            'decomposition',
            t.measure_id,
            'count',
            'is made from counts that are not published'
        from decomposition as t
        inner join measure as m on m.measure_id = t.measure_id and not m.is_exact
        where coalesce(t.population_part, t.coverage_part, t.remainder) is not null
        union all
        select 'derived', 'ward_flags', t.ward_code, 'count', 'is not made from the public funnel'
        from ward_flags as t
        where t.is_rounded and (t.above_outer_limit > 0) and t.years_on_list is not null
        union all
        select
            'derived',
            'harm',
            scheme || '|' || offence_group,
            'count',
            'is made from weighed offences'
        from harm
        where coalesce(harm, share_of_harm, offences) is not null
    )
select kind, source, cell, item, detail
from every
group by all
