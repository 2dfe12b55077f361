-- One row per LSOA 2021 with its best-fit ward and its district, in the current deliveries.
with delivered as ({{ current_rows("reference", "lsoa_to_ward") }})

select
    _delivery as delivery_id,
    _row as line_number,
    lsoa_2021_code,
    lsoa_2021_name,
    ward_code,
    ward_name,
    district_code,
    district_name,
    cast(null as varchar) as reject_reason
from delivered
