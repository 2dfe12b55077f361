-- One row per row of a current delivery: a substance group of the area, or of one service.
-- A number is null where the source withheld it; what cannot be read is rejected.
{{ stage("health", "drug_alcohol_treatment") }}
