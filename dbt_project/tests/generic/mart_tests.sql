{#- The smallest units of an area add up to it: LSOAs to wards, wards (or postcode districts) to the
    city, together with the rows that lie in the city by a place nobody knows. Only counts are added; a
    share's numerator and a stock add up over places as well. -#}
{% test cells_add_up(model) %}
    with
        by_type as (
            select
                fact.measure_id,
                fact.period_type,
                fact.period_start,
                fact.area_type,
                sum(fact."count") filter (where fact.area_type <> 'unplaced') as total,
                sum(fact."count") filter (where {{ lies_within("fact.area_code") }}) as within
            from {{ model }} as fact
            inner join
                {{ ref("measure_register") }} as register on register.measure_id = fact.measure_id
            where register.method in ('count', 'proportion', 'stock')
            group by 1, 2, 3, 4
        ),

        whole as (
            select
                *,
                case
                    when area_type in ('lsoa', 'ward')
                    then
                        total + coalesce(
                            max(within) over (partition by measure_id, period_type, period_start), 0
                        )
                    else total
                end as with_the_rest
            from by_type
        )
    select measure_id, period_type, period_start
    from
        (
            select measure_id, period_type, period_start, with_the_rest as total
            from whole
            where area_type <> 'unplaced'
        ) as areas
    group by measure_id, period_type, period_start
    having min(total) is distinct from max(total) or count(total) not in (0, count(*))
{% endtest %}

{#- Exactly one row stands for the whole area, and it has LSOAs. -#}
{% test one_city(model) %}
    select
        count(*) filter (where area_type = 'city') as cities,
        count(*) filter (where area_type = 'lsoa') as lsoas
    from {{ model }}
    having
        count(*) filter (where area_type = 'city') <> 1
        or count(*) filter (where area_type = 'lsoa') = 0
{% endtest %}

{#- A measure that a priority chose is not in the register, or nothing was chosen at all. A partnership need
    not choose every measure: those that no priority has are in the fact only. -#}
{% test every_chosen_measure_is_known(model) %}
    select chosen.measure_id
    from {{ ref("measure_priorities") }} as chosen
    left join {{ model }} as register on register.measure_id = chosen.measure_id
    where register.measure_id is null
    union all
    select 'none' as measure_id
    where not exists (select 1 from {{ ref("measure_priorities") }})
{% endtest %}

{#- The mart that bears a priority's name lacks a measure that the priority chose. -#}
{% test shows_its_measures(model) %}
    select chosen.measure_id
    from {{ ref("measure_priorities") }} as chosen
    where
        chosen.priority_id = '{{ model.identifier }}'
        and chosen.measure_id not in (select measure_id from {{ model }})
{% endtest %}

{#- At most one delivery counts for a feed, part and period. -#}
{% test one_current_delivery(model) %}
    select feed, part, period
    from {{ model }}
    where is_current
    group by feed, part, period
    having count(*) > 1
{% endtest %}

{#- The parts of `within` add up to their total: the values of a profile to its measure's figure. Rows
    without a part are of figures that are not known. -#}
{% test adds_up_to(model, total, part, within) %}
    select {{ within | join(", ") }}
    from {{ model }}
    where {{ adapter.quote(total) }} is not null
    group by {{ within | join(", ") }}
    having
        sum({{ adapter.quote(part) }}) is distinct from min({{ adapter.quote(total) }})
        or min({{ adapter.quote(total) }}) is distinct from max({{ adapter.quote(total) }})
{% endtest %}
