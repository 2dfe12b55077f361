-- One row per action of the partnership plan: where it stood at the newest quarter of the year.
select
    action_ref,
    priority_id,
    action,
    led_by,
    period_start as quarter_start,
    due_on,
    rag,
    progress_percent,
    is_overdue
from marts.plan_progress
where period_start <= $year_end
qualify period_start = max(period_start) over ()
order by priority_id, action_ref
