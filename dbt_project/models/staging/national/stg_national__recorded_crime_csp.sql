-- One row per row of a current delivery: offences of one code, quarter and partnership.
-- Quarter 1 of a financial year is April to June.
{{
    stage(
        "national",
        "recorded_crime_csp",
        read={"financial_year": "replace(financial_year, '/', '-')"},
        derived={
            "quarter_month": "cast(period_month + to_months(3 * (financial_quarter - 1)) as date)"
        },
    )
}}
