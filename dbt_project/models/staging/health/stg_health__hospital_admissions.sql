-- One row per row of a current delivery: an admission and a block that it falls in.
with
    delivered as ({{ current_rows("health", "hospital_admissions") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            {{ period_month() }} as period_month,
            {{ as_date("admitted_on", "%d/%m/%Y") }} as admitted_on,
            icd10_sub_category,
            left(icd10_sub_category, 3) as icd10_category,
            block,
            outward_postcode,
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    period_month,
    admitted_on,
    icd10_sub_category,
    icd10_category,
    block,
    outward_postcode,
    received_at,
    case
        when admitted_on is null
        then 'admission_date_unreadable'
        when date_trunc('quarter', admitted_on) <> period_month
        then 'admission_not_in_the_deliverys_quarter'
        when icd10_category is null
        then 'sub_category_missing'
        when
            case
                when block = 'alcohol'
                then icd10_category in ('F10', 'T51', 'Y90', 'Y91')
                when block = 'drugs'
                then icd10_category between 'F11' and 'F19' or icd10_category = 'T40'
                when block in ('assault', 'domestic_abuse')
                then
                    icd10_category between 'X85' and 'X99' or icd10_category between 'Y00' and 'Y09'
                else false
            end
            is not true
        then 'sub_category_not_of_the_block'
    end as reject_reason
from typed
