-- One row per measure, area and period, for the measures of this priority.
{{ priority_mart("modern_slavery") }}
