-- One row per case that the MARAC heard, good or rejected, and whether it is a repeat: the same
-- victim
-- and the same perpetrator were heard before it, on or after the same day one year earlier. Another
-- perpetrator is no repeat (the SafeLives definition of a repeat). The cases of all current
-- deliveries are looked at together.
with
    cases as (
        select
            delivery_id,
            line_number,
            period_month,
            heard_on,
            victim_key,
            perpetrator_key,
            referred_by,
            victim_sex,
            ethnicity_group,
            is_disabled,
            reject_reason
        from {{ ref("stg_partnership__marac_cases") }}
    )

select
    cases.delivery_id,
    cases.line_number,
    cases.period_month,
    cases.heard_on,
    cases.referred_by,
    cases.victim_sex,
    cases.ethnicity_group,
    cases.is_disabled,
    case
        when cases.reject_reason is null
        then
            exists (
                select 1
                from cases as earlier
                where
                    earlier.reject_reason is null
                    and earlier.victim_key = cases.victim_key
                    and earlier.perpetrator_key = cases.perpetrator_key
                    and earlier.heard_on < cases.heard_on
                    and earlier.heard_on >= cases.heard_on - interval 1 year
            )
    end as is_repeat,
    cases.reject_reason
from cases
