-- One row per quarter: reoffenders of the offenders whose cohort began in it.
{{
    count_measures(
        ref("stg_probation__reoffending"),
        [{"id": "proven_reoffending", "value": "reoffenders", "base_value": "offenders"}],
    )
}}
