-- What is printed of each cell (`cells.shown`).
with
    reasoned as (
        select cell.* replace (coalesce(cell.reason, base.reason) as reason)
        from cell
        left join
            cell as base
            on cell.area_type = 'answer'
            and cell.area_code <> ''
            and base.measure_id = cell.measure_id
            and base.area_type = 'answer'
            and base.area_code = ''
    )
select
    * exclude (method),
    case when reason is null then rounded(value_count, round_to) end as shown_count,
    case when reason is null then rounded(value_base, round_to) end as shown_base,
    case when reason is null then rounded(value_first, round_to) end as shown_first,
    reason is null
    and round_to > 1
    and (coalesce(value_count, 0) > 0 or coalesce(value_base, 0) > 0) as is_rounded
from reasoned
order by cell
