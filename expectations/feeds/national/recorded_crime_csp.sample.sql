-- A made-up financial year of the open data by Community Safety Partnership. The area's own rows
-- are the offences of police/recorded_crime.sample.sql that lie in the area or have no place: the
-- same draws, kinds and shares of codes, counted by quarter (what changes there changes here). The
-- force's other partnerships have shares of them. Round figures; nobody's statistics.
with
    event as (
        select day, u1, u2, u6, u7, 'disorder' as theme
        from draw('police/street_crime', 1100, 'disorder')
        union all
        select day, u1, u2, u6, u7, 'violence' as theme
        from draw('police/street_crime', 1230, 'violence')
        union all
        select day, u1, u2, u6, u7, 'plain' as theme
        from draw('police/street_crime', 960, 'plain')
        union all
        select day, u1, u2, u6, u7, 'hate' as theme
        from draw('police/recorded_crime', 46, 'hate')
        union all
        select day, u1, u2, u6, u7, 'exploitation' as theme
        from draw('police/recorded_crime', 16, 'exploitation')
        -- One to four a month.
        qualify
            row_number() over (partition by date_trunc('month', day) order by u1)
            <= 1 + floor(4 * always_u(strftime(day, '%Y-%m'), 'modern slavery'))
    ),

    kinds as (
        select
            *,
            case
                theme
                when 'disorder'
                then
                    weighted(
                        ['Anti-social behaviour', 'Criminal damage and arson', 'Public order'],
                        [600, 260, 240],
                        u1
                    )
                when 'violence'
                then
                    weighted(
                        ['Violence and sexual offences', 'Possession of weapons', 'Robbery'],
                        [1150, 40, 40],
                        u1
                    )
                when 'plain'
                then
                    weighted(
                        [
                            'Bicycle theft',
                            'Burglary',
                            'Drugs',
                            'Other crime',
                            'Other theft',
                            'Shoplifting',
                            'Theft from the person',
                            'Vehicle crime'
                        ],
                        [18 * (1 + 0.35 * summer(day)), 120, 90, 70, 200, 280, 14, 170],
                        u1
                    )
                when 'hate'
                then 'Hate'
                else 'Modern slavery'
            end as kind
        from event
    ),

    drawn as (
        select
            *,
            u7 < case
                kind
                when 'Violence and sexual offences'
                then 0.21
                when 'Criminal damage and arson'
                then 0.07
                else 0
            end as is_domestic
        from kinds
        where
            kind <> 'Anti-social behaviour'
            and not u2 between 0.03 and if(kind in ('Hate', 'Modern slavery'), 0.035, 0.09)
    ),

    -- Kind, whether domestic abuse, offence codes (in order) and their shares.
    shares(kind, is_domestic, codes, weights) as (
        values
            (
                'Violence and sexual offences',
                true,
                ['105A', '19C', '20A', '36', '3B', '5D', '8L', '8N', '8Q', '8U'],
                [36, 4, 2, 1, 3, 1, 14, 26, 7, 6]
            ),
            (
                'Violence and sexual offences',
                false,
                [
                    '1',
                    '105A',
                    '19C',
                    '19D',
                    '19E',
                    '19F',
                    '19G',
                    '19H',
                    '2',
                    '20A',
                    '20B',
                    '36',
                    '3B',
                    '4.1',
                    '4.8',
                    '5D',
                    '5E',
                    '88E',
                    '8L',
                    '8N',
                    '8Q',
                    '8T'
                ],
                [
                    0.03,
                    32,
                    1.6,
                    0.7,
                    0.2,
                    0.2,
                    0.1,
                    0.1,
                    0.06,
                    2.6,
                    0.5,
                    0.4,
                    4,
                    0.01,
                    0.2,
                    1,
                    0.4,
                    1.9,
                    21.5,
                    26.5,
                    3,
                    3
                ]
            ),
            ('Criminal damage and arson', true, ['58A', '58C'], [7, 3]),
            (
                'Criminal damage and arson',
                false,
                ['56A', '56B', '58A', '58B', '58C', '58D'],
                [1, 5, 26, 10, 34, 24]
            ),
            ('Public order', false, ['62A', '9A'], [3, 97]),
            ('Possession of weapons', false, ['10D', '81'], [88, 12]),
            ('Robbery', false, ['34A', '34B'], [15, 85]),
            ('Bicycle theft', false, ['44'], [1]),
            ('Burglary', false, ['28E', '30C'], [68, 32]),
            ('Drugs', false, ['92A', '92D', '92E'], [20, 22, 58]),
            ('Other crime', false, ['99'], [1]),
            ('Other theft', false, ['49'], [1]),
            ('Shoplifting', false, ['46'], [1]),
            ('Theft from the person', false, ['39'], [1]),
            ('Vehicle crime', false, ['126', '45', '48'], [4, 58, 38]),
            (
                'Hate',
                false,
                ['105A', '105B', '58J', '8L', '8M', '8N', '8P', '9A', '9B'],
                [6, 8, 5, 12, 9, 4, 6, 18, 32]
            ),
            ('Modern slavery', false, ['106'], [1])
    ),

    own as (
        select
            quarter(drawn.day) as calendar_quarter,
            weighted(shares.codes, shares.weights, drawn.u6) as ho_code,
            count(*) as offences
        from drawn
        inner join shares on shares.kind = drawn.kind and shares.is_domestic = drawn.is_domestic
        group by all
    ),

    partnership as (
        select csp_name, 1.0 as share, true as is_own
        from area
        union all
        select distinct
            area_name as csp_name,
            0.25 + 0.25 * always_u(area_code, 'size') as share,
            false as is_own
        from read_csv(getvariable('seeds') || '/peer_group.csv', all_varchar = true)
        where area_code <> getvariable('area')
    )
select
    replace(asked.period, '-', '/') as financial_year,
    1 + (own.calendar_quarter + 2) % 4 as financial_quarter,
    area.police_force_name as force_name,
    partnership.csp_name,
    offence.offence_title as offence_description,
    offence.offence_group,
    offence.offence_subgroup,
    own.ho_code as offence_code,
    if(
        partnership.is_own,
        own.offences,
        chance(
            own.offences * partnership.share,
            u(concat_ws(' ', partnership.csp_name, own.ho_code, own.calendar_quarter), 'offences')
        )
    ) as offences
from own
inner join offence on offence.ho_code = own.ho_code
cross join partnership
cross join area
cross join asked
order by csp_name, financial_quarter, length(own.ho_code), own.ho_code
