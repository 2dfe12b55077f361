{#- Turning the rows of a staging model into counts of measures, by place and month. -#}
{#- One select a measure, put together: measure_id, period_month, unit_code, event_count, base_count,
    unknown_rows, left_out_rows, counted_rows.

    relation   a staging model (its good rows only) or a CTE
    place      column with the code of the place (LSOA, ward or postcode district); none: the whole area
    feed       the feed that the rows are of; needed with a place, because the contract says whether every
               row of it lies in the district
    month      expression of the month (the first month of the period that the feed delivers)
    measures   list of dicts:
                 id     measure of the register
                 where  rows that count (default: all)
                 value  number to add up for each row (default: 1)
                 base   proportions: rows of the denominator; `base_value` to add up (default: 1)
                 unknown  rows whose number the source withheld: the sum is then not known
                 left_out  rows of which the source does not say whether they count: the sum is short
                           by at most so many
                 distinct  count different values of this instead of rows
    profile    what a row says of who, when, where and how: dimension of the register -> expression of
               text, null where the row does not say. It is kept with each row that counts
               (counted_rows), so that a profile and its measure count by the same rule.

    A code that is not in the area goes to a line of its own, never away. -#}
{% macro count_measures(
    relation, measures, place=none, feed=none, month="period_month", profile=none
) %}
    {%- if place and not feed %}
        {{ exceptions.raise_compiler_error("count_measures: rows with a place need their feed") }}
    {%- endif %}
    {%- for measure in measures %}
        {%- set where = measure.get("where", "true") %}
        select
            '{{ measure.id }}' as measure_id,
            cast({{ month }} as date) as period_month,
            {{ unit_code(place, feed in all_covering_feeds()) }} as unit_code,
            {%- if measure.get("distinct") %}
                cast(
                    count(distinct case when {{ where }} then {{ measure.distinct }} end) as double
                ) as event_count,
            {%- elif measure.get("value") %}
                cast(
                    sum(case when {{ where }} then {{ measure.value }} end) as double
                ) as event_count,
            {%- else %} cast(count(*) filter (where {{ where }}) as double) as event_count,
            {%- endif %}
            {%- if measure.get("base_value") %}
                cast(
                    sum(
                        case
                            when {{ measure.get("base", "true") }} then {{ measure.base_value }}
                        end
                    ) as double
                ) as base_count
            {%- elif measure.get("base") %}
                cast(count(*) filter (where {{ measure.base }}) as double) as base_count
            {%- else %} cast(null as double) as base_count
            {%- endif %},
            count(*) filter (where {{ measure.get("unknown", "false") }}) as unknown_rows,
            count(*) filter (where {{ measure.get("left_out", "false") }}) as left_out_rows,
            {{ counted_rows(measure, profile) }} as counted_rows
        from {{ relation }} as event_rows
        {%- if place %}
            left join {{ ref("int_place") }} as place on place.place_code = event_rows.{{ place }}
        {%- endif %}
        cross join {{ ref("int_area") }} as area
        where event_rows.reject_reason is null
        group by 1, 2, 3
        having event_count is not null or unknown_rows > 0
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
{% endmacro %}

{#- The rows that count in a measure or in its base, each with how much it counts and what it says of
    itself. Different people cannot be added up over the values of a dimension, so they have none. -#}
{% macro counted_rows(measure, profile) -%}
    {%- if profile and not measure.get("distinct") -%}
        {%- set where = "(" ~ measure.get("where", "true") ~ ")" -%}
        {%- set is_share = "base" in measure or "base_value" in measure -%}
        {%- set base = "(" ~ measure.get("base", "true" if is_share else "false") ~ ")" -%}
        list(
            struct_pack(
                event_count := case
                    when {{ where }} then cast({{ measure.get("value", 1) }} as double) else 0
                end,
                base_count
                := {% if is_share -%}
                    case
                        when {{ base }}
                        then cast({{ measure.get("base_value", 1) }} as double)
                        else 0
                    end
                {%- else -%} cast(null as double)
                {%- endif %},
                said := case when {{ where }} or {{ base }} then {{ row_profile(profile) }} end
            )
        ) filter (where {{ where }} or {{ base }})
    {%- else -%} {{ no_counted_rows() }}
    {%- endif -%}
{%- endmacro %}

{#- Where a measure has no profile. -#}
{% macro no_counted_rows() -%}
    cast(null as struct(event_count double, base_count double, said json)[])
{%- endmacro %}

{#- What a row says of itself: dimension -> value, null where it does not say. As text (JSON), which is
    made, kept and read at a fraction of what a map of the database costs. -#}
{% macro row_profile(profile) -%}
    to_json(
        struct_pack(
            {%- for dimension, expression in profile.items() %}
                {{ dimension }} := cast({{ expression }} as varchar)
                {%- if not loop.last %}, {% endif -%}
            {%- endfor %}
        )
    )
{%- endmacro %}

{#- The dimensions of a moment, which is UK local time: hour of the day and its band, day of the week, and
    day and hour.
    `known` is SQL: whether the time of day is known, where midnight alone does not say;
    `weekday_from` the day, where it is known without the time. -#}
{% macro moment_profile(moment, known="true", weekday_from=none) -%}
    {{
        return(
            {
                "hour": hour_of(moment, known),
                "hour_band": hour_band_of(moment, known),
                "weekday": weekday_of(weekday_from or moment),
                "hour_weekday": weekday_of(moment) ~ " || ' ' || " ~ hour_of(moment, known),
            }
        )
    }}
{%- endmacro %}

{#- Where a row counts: its place in the area, or the line that says why it has none. Where the feed
    `covers` the district, no row lies outside: only the place within it is not known. -#}
{% macro unit_code(place, covers=false) -%}
    {%- if place and covers -%}
        case
            when event_rows.{{ place }} is null
            then 'WITHIN_NO_PLACE'
            when place.unit_code not in ('UNKNOWN_CODE', 'OUTSIDE_AREA')
            then place.unit_code
            else 'WITHIN_OTHER_CODE'
        end
    {%- elif place -%}
        coalesce(
            place.unit_code,
            case
                when event_rows.{{ place }} is null
                then 'NO_LOCATION'
                when area.knows_every_lsoa and event_rows.{{ place }} like '_01%'
                then 'UNKNOWN_CODE'
                else 'OUTSIDE_AREA'
            end
        )
    {%- else -%} area.area_code
    {%- endif -%}
{%- endmacro %}

{#- Whether a line of rows without a place is one of rows that lie in the area all the same: they count
    in the whole area, and in no smaller one. `line` is SQL. -#}
{% macro lies_within(line) -%} starts_with({{ line }}, 'WITHIN_') {%- endmacro %}

{#- Whether a rejected row is lost to the figures. A row that was sent again (its reason begins with
    `repeated`) is not: the first one counts. -#}
{% macro is_left_out(reject_reason) -%}
    {{ reject_reason }} is not null and not starts_with({{ reject_reason }}, 'repeated')
{%- endmacro %}

{#- Whether so many rows were left out that a figure without them is not shown at all. -#}
{% macro too_many_left_out(left_out, of_rows) -%}
    100.0 * {{ left_out }} > rows_left_out_percent() * {{ of_rows }}
{%- endmacro %}

{#- The period types that a measure of this periodicity and method has. -#}
{% macro has_period_type(periodicity, method, period_type) -%}
    case
        when {{ method }} = 'published'
        then false
        when {{ method }} = 'distinct'
        then {{ period_type }} = {{ periodicity }}
        when {{ method }} = 'stock'
        then
            {{ period_type }} in ('month', 'quarter', 'strategy_year')
            and ({{ period_type }} <> 'month' or {{ periodicity }} = 'month')
        else
            case
                {{ periodicity }}
                when 'month'
                then
                    {{ period_type }} in (
                        'month',
                        'quarter',
                        'strategy_year',
                        'calendar_year',
                        'year_to_date',
                        'rolling_12m'
                    )
                when 'quarter'
                then
                    {{ period_type }}
                    in ('quarter', 'strategy_year', 'calendar_year', 'rolling_12m')
                when 'financial_year'
                then {{ period_type }} = 'strategy_year'
                else {{ period_type }} = {{ periodicity }}
            end
    end
{%- endmacro %}
