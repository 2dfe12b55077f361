-- One row per area, mid-year and denominator: residents, and the people at risk that rates are
-- over.
-- Residents come from the one population series, groups of an age or sex from the estimates by
-- single year of age. What no estimate gives for an area is not there: no share of one place or
-- year is ever carried to another. Where no estimate by age was delivered, the groups that are
-- shipped for the area stand in, each with the year that it is of.
with
    residents as (
        select
            members.area_type,
            members.area_code,
            population.mid_year,
            sum(population.population) as people
        from {{ ref("int_area_member") }} as members
        inner join
            {{ ref("int_population") }} as population
            on population.lsoa_2021_code = members.unit_code
        where members.area_type in ('lsoa', 'ward', 'city')
        group by 1, 2, 3
    ),

    -- A later edition replaces what it repeats.
    by_age as (
        select lsoa_2021_code, mid_year, sex, age, people
        from {{ ref("stg_reference__population_by_age") }}
        where reject_reason is null
        qualify rank() over (partition by mid_year order by edition desc) = 1
    ),

    by_group as (
        select
            by_age.lsoa_2021_code,
            by_age.mid_year,
            groups.group_id as denominator,
            sum(by_age.people) as people
        from by_age
        inner join
            {{ ref("denominator_groups") }} as groups
            on by_age.age >= groups.age_from
            and by_age.age <= coalesce(groups.age_to, by_age.age)
            and by_age.sex = coalesce(groups.sex, by_age.sex)
        where groups.group_id <> 'residents'
        group by 1, 2, 3
    ),

    delivered as (
        select
            members.area_type,
            members.area_code,
            by_group.mid_year,
            by_group.denominator,
            sum(by_group.people) as people
        from {{ ref("int_area_member") }} as members
        inner join by_group on by_group.lsoa_2021_code = members.unit_code
        where members.area_type in ('lsoa', 'ward', 'city')
        group by 1, 2, 3, 4
    ),

    shipped as (
        select at_risk.area_type, at_risk.area_code, at_risk.mid_year, at_risk.denominator, people
        from {{ ref("area_people_at_risk") }} as at_risk
        inner join
            {{ ref("denominator_groups") }} as groups on groups.group_id = at_risk.denominator
        where at_risk.denominator not in (select denominator from delivered)
    )

select area_type, area_code, mid_year, 'residents' as denominator, cast(people as bigint) as people
from residents
union all
select area_type, area_code, mid_year, denominator, cast(people as bigint) as people
from delivered
union all
select area_type, area_code, mid_year, denominator, cast(people as bigint) as people
from shipped
