-- One row per action of the partnership plan: where it stood at the newest quarter of the year.
select
    action_ref,
    priority_id,
    action,
    led_by,
    quarter_start,
    due_on,
    rag,
    progress_percent,
    is_overdue
from marts.plan_progress
where quarter_start <= $year_end
qualify quarter_start = max(quarter_start) over ()
order by priority_id, action_ref
