-- One row per protected cell and total that a reader has exactly without us (an open series, the
-- Home
-- Office's table): `open_count` bounds the cell; of a sum, `parts` printed cells share it.
with
    printed as (
        select *
        from cell
        where
            not is_exact
            -- What a profile divides bounds it as its whole (profile_whole), not as its own count.
            and not is_profile(area_type)
            and value_count is not null
            and coalesce(reason, 'small') not in ('geography', 'period', 'derived')
    ),
    series as (
        select
            f.measure_id as total,
            concat_ws(
                '|', f.area_type, f.area_code, f.period_type, cast(f.period_start as date)
            ) as place,
            cast(f."count" as bigint) as open_count
        from figures as f
        inner join measure as m on m.measure_id = f.measure_id and m.is_exact
        where f."count" is not null
        union all
        select
            'external/' || e.offence_group,
            concat_ws('|', 'city', city.area_code, kind.period_type, y.starts_on),
            cast(e.their_count as bigint)
        from external as e
        cross join city
        cross join edition_year as y
        cross join (select unnest(['strategy_year', 'rolling_12m']) as period_type) as kind
        where e.their_count is not null
    ),
    pair as (
        select p.cell, r.relation as kind, t.total || '|' || t.place as total, t.open_count
        from relations as r
        inner join series as t on t.total = r.total
        inner join
            printed as p
            on p.measure_id = r.part
            and concat_ws('|', p.area_type, p.area_code, p.period_type, p.period_start) = t.place
        where r.relation in ('sum', 'disjoint', 'part', 'cover')
        union all
        -- Our own count of an offence group, which the Home Office prints as well.
        select distinct p.cell, 'ours', t.total, t.open_count
        from series as t
        inner join printed as p on p.measure_id = t.total
    )
select
    cell,
    kind,
    total,
    open_count,
    if(kind = 'sum', count(*) over (partition by kind, total), 1) as parts,
    -- One part alone is the total under another name.
    kind = 'ours'
    or (
        kind = 'sum'
        and (
            select count(*)
            from relations as r
            where r.relation = 'sum' and starts_with(pair.total, r.total || '|')
        )
        = 1
    ) as is_known
from pair
order by cell, kind, total
