-- Made-up ages and sexes of the area's own residents, in the layout of Nomis: in every LSOA the same
-- shares of each age, women a little more than half from 75 on. People add up to the LSOA's real
-- number of residents. Round figures; nobody's statistics.
with
    age as (
        select
            age,
            case when age < 18 then 1.26 when age < 65 then 1.28 else 1.8 - 0.06 * (age - 64) end
            + if(age = 90, 0.5, 0) as weight
        from unnest(generate_series(0, 90)) as ages(age)
    ),
    cell as (
        select
            *,
            row_number() over (order by age, sex) as nth,
            weight * if(sex = 'Female', female, 1 - female) as part
        from (select *, if(age < 75, 0.5, 0.57) as female from age)
        cross join (values ('Female'), ('Male')) as sexes(sex)
    ),
    reach as (
        select
            *,
            sum(part) over (order by nth) / sum(part) over () as upto,
            (sum(part) over (order by nth) - part) / sum(part) over () as beyond
        from cell
    )
select
    2022 as mid_year,
    lsoa_2021_code,
    sex,
    if(age = 90, 'Aged 90+', 'Age ' || cast(age as varchar)) as age_name,
    cast(round(population * upto) - round(population * beyond) as integer) as people
from lsoa
cross join reach
order by lsoa_2021_code, nth
