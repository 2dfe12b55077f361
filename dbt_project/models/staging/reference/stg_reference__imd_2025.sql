-- One row per LSOA 2021 with its ranks, deciles and scores of deprivation, in the current delivery.
{{ stage("reference", "imd_2025") }}
