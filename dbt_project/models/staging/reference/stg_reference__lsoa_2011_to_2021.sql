-- One row per pair of LSOA 2011 and LSOA 2021 that overlap, in the current deliveries.
{{ stage("reference", "lsoa_2011_to_2021") }}
