-- A made-up quarter of hospital admissions: about 850 rows, two in three of them of alcohol. A
-- postcode district follows the part of the city, so districts are hot where its places are; 1.5 %
-- have none. Round figures; nobody's statistics.
with
    event as (
        select
            *,
            'assault' as block,
            weighted(
                ['Y04.0', 'X99.4', 'X99.9', 'Y00.4', 'Y09.9', 'Y05.9', 'X95.4'],
                [52, 8, 8, 14, 14, 3, 1],
                u1
            ) as icd10_sub_category
        from draw('health/hospital_admissions', 19, 'violence')
        union all
        select
            *,
            'alcohol' as block,
            weighted(
                ['F10.0', 'F10.1', 'F10.2', 'F10.3', 'T51.0', 'Y90.9', 'Y91.9'],
                [24, 10, 30, 14, 6, 6, 10],
                u1
            ) as icd10_sub_category
        from draw('health/hospital_admissions', 190, 'alcohol')
        union all
        select
            *,
            'drugs' as block,
            weighted(
                ['F11.2', 'F12.1', 'F14.1', 'F15.9', 'F19.2', 'T40.1', 'T40.2', 'T40.5'],
                [26, 10, 9, 4, 17, 12, 14, 8],
                u1
            ) as icd10_sub_category
        from draw('health/hospital_admissions', 68, 'plain')
        union all
        select
            *,
            'domestic_abuse' as block,
            weighted(['Y07.0', 'Y04.0', 'X99.9', 'Y06.0'], [48, 36, 8, 8], u1) as icd10_sub_category
        from draw('health/hospital_admissions', 5, 'domestic')
    )
select
    row_number() over (order by day, block, n) as record_number,
    day as admitted_on,
    icd10_sub_category,
    block,
    case
        when u2 >= 0.015
        then
            'ST' || weighted(
                [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12],
                [13, 14, 22, 20, 21, 4, 1, 2, 1, 1, 1],
                always_u(lsoa_2021_code, 'postcode district')
            )
    end as outward_postcode
from event
order by record_number
