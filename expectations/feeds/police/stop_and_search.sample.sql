-- A made-up month of stop and searches: about 240 rows, half of them for drugs; one in four finds
-- something. 4 % without a point and 5 % well outside the city.
-- Round figures; nobody's statistics.
with
    search as (
        select
            *,
            weighted(
                [
                    'Controlled drugs',
                    'Offensive weapons',
                    'Stolen goods',
                    'Article for use in theft',
                    'Articles for use in criminal damage',
                    'Firearms'
                ],
                [56, 20, 12, 8, 3, 1],
                u1
            ) as object_of_search,
            hash(hash(u7, u8)) as k
        from draw('police/stop_and_search', 210, 'disorder')
    ),
    found as (
        select
            *,
            u2 < if(object_of_search = 'Controlled drugs', 0.27, 0.19) as is_found,
            unit(hash(xor(k, 1::ubigint))) as v1,
            unit(hash(xor(k, 2::ubigint))) as v2,
            unit(hash(xor(k, 3::ubigint))) as v3
        from search
    ),
    ended as (
        select
            *,
            case
                when is_found
                then
                    weighted(
                        [
                            'Arrest',
                            'Community resolution',
                            'Khat or Cannabis warning',
                            'Summons / charged by post',
                            'Caution (simple or conditional)'
                        ],
                        [46, 34, 8, 8, 4],
                        u3
                    )
                -- Some are arrested for something else than what was looked for.
                else weighted(['A no further action disposal', 'Arrest'], [94, 6], u3)
            end as outcome
        from found
    )
select
    weighted(['Person search', 'Person and Vehicle search', 'Vehicle search'], [78, 18, 4], u4)
    as type,
    strftime("at", '%Y-%m-%dT%H:%M:00+00:00') as searched_at,
    null as part_of_operation,
    null as operation,
    case
        when u5 >= 0.04
        then printf('%.6f', latitude + (floor(v1 * 3) - 1) * 0.0004)
    end as latitude,
    case
        when u5 >= 0.09
        then printf('%.6f', longitude + (floor(v2 * 3) - 1) * 0.0006)
        when u5 >= 0.04
        then printf('%.6f', longitude - 0.3)
    end as longitude,
    weighted(['Male', 'Female', 'Other', null], [84, 13, 1, 2], u6) as gender,
    weighted(['10-17', '18-24', '25-34', 'over 34', null], [21, 30, 24, 17, 8], v3) as age_range,
    weighted(
        [
            'White - English/Welsh/Scottish/Northern Irish/British',
            'Asian/Asian British - Pakistani',
            'Mixed/Multiple ethnic groups - Any other Mixed/Multiple ethnic background',
            'Black/African/Caribbean/Black British - African',
            'Other ethnic group - Not stated'
        ],
        [58, 9, 4, 4, 25],
        v1
    ) as self_defined_ethnicity,
    weighted(['White', 'Asian', 'Black', 'Mixed', 'Other', null], [73, 13, 6, 3, 2, 3], v1)
    as officer_defined_ethnicity,
    case
        when object_of_search = 'Controlled drugs'
        then 'Misuse of Drugs Act 1971 (section 23)'
        when object_of_search = 'Firearms'
        then 'Firearms Act 1968 (section 47)'
        else 'Police and Criminal Evidence Act 1984 (section 1)'
    end as legislation,
    object_of_search,
    outcome,
    case
        when outcome = 'A no further action disposal' and v2 < 0.1
        then null
        when is_found
        then 'True'
        else 'False'
    end as outcome_linked_to_object,
    if(v3 > 0.97, 'True', 'False') as more_than_outer_clothing
from ended
order by "at", n
