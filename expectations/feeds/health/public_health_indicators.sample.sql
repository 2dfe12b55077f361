-- A made-up download of published indicators: six of the register, an old method and another age
-- beside them, for England, the region and the area, by sex, with deciles of England and with the
-- area once by itself and once under England. Years end two before the edition; one value is
-- withheld. Round figures; nobody's statistics.
with
    -- rate a 100,000 for England; how the region and the area differ; growth a year.
    indicator(
        id,
        indicator_name,
        age,
        written,
        years,
        rate,
        region_times,
        area_times,
        growth,
        modelled
    ) as (
        values
            (
                93764,
                'Admission episodes for alcohol-related conditions (Narrow)',
                'All ages',
                'financial',
                1,
                480,
                1.08,
                1.55,
                0.01,
                true
            ),
            (
                91414,
                'Admission episodes for alcohol-related conditions (Narrow): Old Method',
                'All ages',
                'financial',
                1,
                640,
                1.08,
                1.50,
                0.01,
                true
            ),
            (
                91380,
                'Alcohol-specific mortality',
                'All ages',
                'calendar',
                3,
                14,
                1.15,
                1.7,
                0.03,
                false
            ),
            (
                91380,
                'Alcohol-specific mortality',
                'All ages',
                'calendar',
                1,
                14,
                1.15,
                1.7,
                0.03,
                false
            ),
            (
                21001,
                'Emergency Hospital Admissions for Intentional Self-Harm',
                'All ages',
                'financial',
                1,
                160,
                0.95,
                1.35,
                -0.04,
                false
            ),
            (
                21001,
                'Emergency Hospital Admissions for Intentional Self-Harm',
                '10-24 yrs',
                'financial',
                1,
                390,
                0.95,
                1.3,
                -0.04,
                false
            ),
            (
                11201,
                'Hospital admissions for violence (including sexual violence)',
                'All ages',
                'financial',
                3,
                38,
                1.05,
                1.6,
                -0.01,
                false
            ),
            (41001, 'Suicide rate', '10+ yrs', 'calendar', 3, 10.7, 1.02, 1.25, 0.01, false),
            (
                92432,
                'Deaths from drug misuse',
                'All ages',
                'calendar',
                3,
                5.5,
                0.98,
                1.8,
                0.03,
                false
            )
    ),
    newest as (select cast(left(period, 4) as integer) - 2 as last_year from asked),
    place as (
        select
            'E92000001' as area_code,
            'England' as area_name,
            'England' as area_type,
            57000000 as people,
            1 as nth,
            [null] as parents
        union all
        select
            region_code,
            if(region_code = 'E12000005', 'West Midlands', 'The region'),
            'Regions (statistical)',
            6000000,
            2,
            [null, 'E92000001']
        from area
        union all
        select
            area.area_code,
            area.area_name,
            'Counties & UAs (from Apr 2023)',
            sum(lsoa.population),
            3,
            [null, 'E92000001']
        from area
        cross join lsoa
        group by area.area_code, area.area_name
    ),
    part(sex, category_type, category, share, times) as (
        values
            ('Persons', null, null, 1.0, 1.0),
            ('Male', null, null, 0.49, 1.4),
            ('Female', null, null, 0.51, 0.6),
            (
                'Persons',
                'County & UA deprivation deciles in England (IMD2019, 4/23 geography)',
                'Most deprived decile (IMD2019)',
                0.1,
                1.5
            ),
            (
                'Persons',
                'County & UA deprivation deciles in England (IMD2019, 4/23 geography)',
                'Least deprived decile (IMD2019)',
                0.1,
                0.7
            )
    ),
    drawn as (
        select
            indicator.*,
            place.* exclude (people),
            part.* exclude (share, times),
            last_year - ago as final_year,
            place.people * part.share * years * if(age = '10-24 yrs', 0.19, 1) as denominator,
            rate
            * part.times
            * (1 - growth * ago)
            * case place.nth when 1 then 1 when 2 then region_times else area_times end
            * (
                0.96
                + 0.08 * u(concat_ws('/', id, years, age, place.nth, sex, category, ago), 'value')
            ) as expected_rate
        from indicator
        cross join newest
        cross join range(7) as back(ago)
        cross join place
        inner join part on place.nth = 1 or part.category is null
    ),
    counted as (
        select
            *,
            case
                when modelled
                then round(expected_rate * denominator / 100000, 2)
                else round(expected_rate * denominator / 100000)
            end as events,
            final_year - years + 1 as start_year,
            -- One value that the publisher holds back, so that a blank is seen.
            nth = 3 and id = 92432 and sex = 'Persons' and final_year = last_year as is_withheld
        from drawn
        cross join newest
    ),
    valued as (
        select
            *,
            events * 100000 / denominator as "value",
            sqrt(events) * 100000 / denominator as spread,
            case when not is_withheld then 1 end as given
        from counted
    )
select
    id as indicator_id,
    indicator_name,
    parent_code,
    case when parent_code is not null then 'England' end as parent_name,
    area_code,
    area_name,
    area_type,
    sex,
    age,
    category_type,
    category,
    case
        when written = 'calendar' and years = 1
        then printf('%04d', final_year)
        when written = 'calendar'
        then printf('%04d - %02d', start_year, final_year % 100)
        when years = 1
        then printf('%04d/%02d', final_year, (final_year + 1) % 100)
        else
            printf(
                '%04d/%02d - %02d/%02d',
                start_year,
                (start_year + 1) % 100,
                final_year % 100,
                (final_year + 1) % 100
            )
    end as time_period,
    round("value" * given, 4) as "value",
    round(greatest(0, "value" - 1.96 * spread) * given, 4) as lower_95,
    round(("value" + 1.96 * spread) * given, 4) as upper_95,
    round(greatest(0, "value" - 3.09 * spread) * given, 4) as lower_998,
    round(("value" + 3.09 * spread) * given, 4) as upper_998,
    events * given as "count",
    round(denominator) as denominator,
    if(is_withheld, 'Synthetic: value not published', 'Synthetic: made up') as value_note,
    'Cannot be calculated' as recent_trend,
    case
        when nth = 1 then 'Not compared' when area_times > 1 then 'Worse' else 'Similar'
    end as compared_to_england,
    'Not compared' as compared_to_parent,
    start_year * 10000 as time_period_sortable,
    cast(null as varchar) as new_data,
    'Not compared' as compared_to_goal,
    years || 'y' as time_period_range
from (select *, unnest(parents) as parent_code from valued)
order by id, years, age, nth, parent_code nulls first, sex, category nulls first, final_year
