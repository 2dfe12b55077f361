-- Our count beside the Home Office's: ours is controlled, and so is the difference.
with
    joined as (
        select t.*, s.shown_count as n, s.reason, s.is_rounded as was_rounded
        from external as t
        inner join shown as s on s.cell = external_cell(t.offence_group)
    )
select
    * exclude (n, reason, was_rounded) replace (
        n as our_count,
        n - their_count as difference,
        cast(100.0 * (n - their_count) / nullif(their_count, 0) as double) as difference_percent,
        case
            when n is null or their_count is null
            then 'not_comparable'
            when counts_agree(n, their_count)
            then 'agrees'
            else 'differs'
        end as state
    ),
    reason as suppressed,
    was_rounded as is_rounded
from joined
order by offence_group
