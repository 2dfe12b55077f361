-- One row per action of the partnership plan and quarter: where it stood.
select
    cast(actions.action_ref as varchar) as action_ref,
    cast(actions.priority_id as varchar) as priority_id,
    cast(actions.action_text as varchar) as action,
    cast(actions.led_by as varchar) as led_by,
    cast('quarter' as varchar) as period_type,
    cast(actions.period_month as date) as period_start,
    cast(actions.period_month + interval 3 month - interval 1 day as date) as period_end,
    cast({{ strategy_year_of("actions.period_month") }} as varchar) as strategy_year,
    cast({{ is_latest("actions.period_month", []) }} as boolean) as is_latest,
    cast(actions.due_on as date) as due_on,
    cast(actions.rag as varchar) as rag,
    cast(actions.progress_percent as double) as progress_percent,
    cast(
        actions.progress_percent - lag(actions.progress_percent) over (
            partition by actions.action_ref order by actions.period_month
        ) as double
    ) as progress_since_last_quarter,
    cast(
        actions.rag <> 'complete'
        and actions.due_on < actions.period_month + interval 3 month as boolean
    ) as is_overdue,
    cast(run.is_synthetic as boolean) as is_synthetic
from {{ ref("stg_council__plan_actions") }} as actions
inner join {{ ref("dim_priority") }} as priority on priority.priority_id = actions.priority_id
cross join {{ source("manifest", "run") }} as run
where actions.reject_reason is null
order by period_start, priority_id, action_ref
