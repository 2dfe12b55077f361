-- A made-up month of the council's anti-social behaviour cases: about 175 rows, more in summer and
-- around bonfire night. The policy's categories of high risk are always of high risk; one
-- complainant in four has reported three times or more. 2 % have no ward, 1 % lie next door.
-- Round figures; nobody's statistics.
with
    event as (
        select
            *,
            'disorder' as theme,
            weighted(
                [
                    'youth_nuisance',
                    'vehicle_nuisance',
                    'street_drinking',
                    'begging',
                    'drug_activity',
                    'threats_of_violence',
                    'criminal_activity',
                    'hate_crime'
                ],
                [30, 16, 8, 6, 16, 9, 8, 4],
                u1
            ) as category
        from draw('council/asb_cases', 95, 'disorder')
        union all
        select
            *,
            'plain' as theme,
            weighted(
                [
                    'noise',
                    'neighbour_dispute',
                    'rubbish',
                    'animal_nuisance',
                    'domestic_abuse',
                    'other'
                ],
                [42, 26, 14, 8, 3, 7],
                u1
            ) as category
        from draw('council/asb_cases', 78, 'plain')
    ),
    judged as (
        select
            *,
            case
                when
                    category in (
                        'drug_activity',
                        'threats_of_violence',
                        'criminal_activity',
                        'domestic_abuse',
                        'hate_crime'
                    )
                then 'high'
                else weighted(['low', 'medium', 'high'], [58, 37, 5], u2)
            end as risk_level
        from event
    )
select
    ref('council/asb_cases/' || theme, n) as case_ref,
    day as opened_on,
    category,
    weighted(
        ['council', 'housing_association', 'private_rented', 'owner_occupied', 'other', null],
        [38, 14, 17, 24, 2, 5],
        u3
    ) as tenure,
    weighted(
        ['online', 'telephone', 'in_person', 'councillor', 'police', 'housing_officer', 'other'],
        [36, 30, 5, 8, 9, 10, 2],
        u4
    ) as source,
    risk_level,
    case
        when risk_level = 'high'
        then weighted([0, 1, 2, 3, 4, null], [46, 38, 8, 4, 2, 2], u5)
        when risk_level = 'medium'
        then weighted([0, 1, 2, 3, 4, 5, 7, null], [8, 20, 24, 20, 12, 8, 4, 4], u5)
        else weighted([1, 2, 3, 5, 7, 10, null], [8, 16, 22, 26, 14, 8, 6], u5)
    end as working_days_to_contact,
    weighted([1, 2, 3, 4, 5, 6, 8, 11], [54, 21, 11, 6, 4, 2, 1, 1], u6) as reports_in_six_months,
    ward_as_recorded(ward_code, u7, unplaced := 0.02, outside := 0.01) as ward_code
from judged
order by opened_on, case_ref
