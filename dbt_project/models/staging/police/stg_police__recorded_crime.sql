-- One row per row of a current delivery: a recorded offence, with what the taxonomy says of its
-- code.
with
    delivered as ({{ current_rows("police", "recorded_crime") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            crime_ref,
            {{ as_date("recorded_date", "%d/%m/%Y") }} as recorded_date,
            {{ as_timestamp("committed_from", "%d/%m/%Y %H:%M") }} as committed_from,
            ho_code,
            lsoa_code,
            location_type,
            {{ as_flag("public_place_flag") }} as is_public_place,
            {{ as_flag("domestic_abuse_flag") }} as is_domestic_abuse,
            {{ as_flag("knife_flag") }} as has_knife,
            {{ as_flag("alcohol_flag") }} as has_alcohol,
            {{ as_flag("drugs_flag") }} as has_drugs,
            {{ as_flag("cse_flag") }} as is_child_sexual_exploitation,
            {{ as_flag("cce_flag") }} as is_child_criminal_exploitation,
            {{ as_flag("modern_slavery_flag") }} as is_modern_slavery,
            {{ as_flag("online_flag") }} as is_online,
            hate_strands,
            victim_sex,
            victim_age_band,
            suspect_age_band,
            {{ as_flag("repeat_victim_flag") }} as is_repeat_victim,
            outcome_code,
            _received_at as received_at
        from delivered
    )

select
    typed.delivery_id,
    typed.line_number,
    typed.period_month,
    typed.crime_ref,
    typed.recorded_date,
    typed.committed_from,
    typed.ho_code,
    taxonomy.offence_group,
    taxonomy.offence_subgroup,
    taxonomy.is_knife_flaggable,
    taxonomy.is_vawg,
    taxonomy.is_aggravated,
    typed.lsoa_code,
    typed.location_type,
    typed.is_public_place,
    typed.is_domestic_abuse,
    typed.has_knife,
    typed.has_alcohol,
    typed.has_drugs,
    typed.is_child_sexual_exploitation,
    typed.is_child_criminal_exploitation,
    typed.is_modern_slavery,
    typed.is_online,
    typed.hate_strands,
    typed.victim_sex,
    typed.victim_age_band,
    typed.suspect_age_band,
    typed.is_repeat_victim,
    typed.outcome_code,
    typed.received_at,
    case
        when typed.recorded_date is null
        then 'recorded_date_unreadable'
        when date_trunc('month', typed.recorded_date) <> typed.period_month
        then 'recorded_date_not_in_the_deliverys_month'
        when typed.committed_from is null
        then 'committed_from_unreadable'
        when taxonomy.ho_code is null
        then 'offence_code_unknown'
    end as reject_reason
from typed
left join
    {{ ref("offence_taxonomy") }} as taxonomy
    on taxonomy.ho_code = typed.ho_code
    and typed.recorded_date >= taxonomy.valid_from
    and (taxonomy.valid_to is null or typed.recorded_date <= taxonomy.valid_to)
