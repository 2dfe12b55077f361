-- One row per area, mid-year and denominator: residents and the groups of them that rates are over.
-- Groups are shares of the one population series, known for the whole area only.
with
    residents as (
        select
            members.area_type,
            members.area_code,
            population.mid_year,
            sum(population.population) as residents
        from {{ ref("int_area_member") }} as members
        inner join
            {{ ref("int_population") }} as population
            on population.lsoa_2021_code = members.unit_code
        where members.area_type in ('lsoa', 'ward', 'city')
        group by 1, 2, 3
    )

select
    residents.area_type,
    residents.area_code,
    residents.mid_year,
    denominator_group.group_id as denominator,
    cast(round(residents.residents * denominator_group.share_of_residents) as bigint) as people
from residents
inner join
    {{ ref("denominator_groups") }} as denominator_group
    on denominator_group.group_id = 'residents'
    or residents.area_type = 'city'
