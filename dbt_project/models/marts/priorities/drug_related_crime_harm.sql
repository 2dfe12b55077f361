-- One row per measure, area and period, for the measures of this priority.
{{ priority_mart("drug_related_crime_harm") }}
