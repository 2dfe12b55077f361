-- One row per LSOA 2021 with its best-fit ward and its district, in the current deliveries.
{{ stage("reference", "lsoa_to_ward") }}
