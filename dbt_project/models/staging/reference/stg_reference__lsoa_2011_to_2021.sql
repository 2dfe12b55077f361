-- One row per pair of LSOA 2011 and LSOA 2021 that overlap, in the current deliveries.
with delivered as ({{ current_rows("reference", "lsoa_2011_to_2021") }})

select
    _delivery as delivery_id,
    _row as line_number,
    lsoa_2011_code,
    lsoa_2021_code,
    change_indicator,
    district_code,
    cast(null as varchar) as reject_reason
from delivered
