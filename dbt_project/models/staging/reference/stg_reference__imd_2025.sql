-- One row per LSOA 2021 with its ranks, deciles and scores of deprivation, in the current delivery.
{%- set domains = [
    "imd",
    "income",
    "employment",
    "education",
    "health",
    "crime",
    "housing_and_services",
    "environment",
] %}
with
    delivered as ({{ current_rows("reference", "imd_2025") }}),

    typed as (
        select
            _delivery as delivery_id,
            _row as line_number,
            lsoa_2021_code,
            {% for domain in domains %}
                try_cast({{ as_number(domain ~ "_decile") }} as integer) as {{ domain }}_decile,
                try_cast({{ as_number(domain ~ "_rank") }} as integer) as {{ domain }}_rank,
                {{ as_number(domain ~ "_score") }} as {{ domain }}_score,
            {% endfor %}
            _received_at as received_at
        from delivered
    )

select
    delivery_id,
    line_number,
    lsoa_2021_code,
    {% for domain in domains %}
        {{ domain }}_decile, {{ domain }}_rank, {{ domain }}_score,
    {% endfor %}
    received_at,
    case
        when lsoa_2021_code is null
        then 'lsoa_missing'
        {% for domain in domains %}
            when
                {{ domain }}_decile is null
                or {{ domain }}_rank is null
                or {{ domain }}_score is null
            then '{{ domain }}_not_a_number'
        {% endfor %}
    end as reject_reason
from typed
