-- A made-up month of the force's recorded crime: about 2,750 rows. The events are those of
-- street_crime.sample.sql (same draws, same categories) that happened in the area, with an offence
-- code each; hate crime and modern slavery have draws of their own. What an event is depends on its
-- own draws only, so that a year asked for as one period holds the same offences as its months.
-- Round figures; nobody's statistics.
with
    event as (
        select
            *,
            'disorder' as theme,
            weighted(
                ['Anti-social behaviour', 'Criminal damage and arson', 'Public order'],
                [600, 260, 240],
                u1
            ) as kind
        from draw('police/street_crime', 1100, 'disorder')
        union all
        select
            *,
            'violence' as theme,
            weighted(
                ['Violence and sexual offences', 'Possession of weapons', 'Robbery'],
                [1150, 40, 40],
                u1
            ) as kind
        from draw('police/street_crime', 1230, 'violence')
        union all
        select
            *,
            'plain' as theme,
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
            ) as kind
        from draw('police/street_crime', 960, 'plain')
        union all
        select *, 'hate' as theme, 'Hate' as kind
        from draw('police/recorded_crime', 46, 'hate')
        union all
        select *, 'exploitation' as theme, 'Modern slavery' as kind
        from draw('police/recorded_crime', 16, 'exploitation')
        -- One to four a month.
        qualify
            row_number() over (partition by date_trunc('month', day) order by u1)
            <= 1 + floor(4 * always_u(strftime(day, '%Y-%m'), 'modern slavery'))
    ),

    -- More draws for what an event is. One in five acts of violence is domestic abuse.
    drawn as (
        select
            * exclude (u1, u3, u4, u5),
            hash(hash(u6, u7, u8)) as k,
            u7 < case kind
                when 'Violence and sexual offences' then 0.21
                when 'Criminal damage and arson' then 0.07
                else 0
            end as is_domestic
        from event
        -- The public file's rows of the district next door are another partnership's.
        where
            kind <> 'Anti-social behaviour'
            and (not u2 between 0.035 and 0.09 or kind in ('Hate', 'Modern slavery'))
    ),

    offence as (
        select kind, is_domestic, unnest(codes) as ho_code, unnest(weights) as weight
        from (
            values
                ('Violence and sexual offences', true,
                    ['105A', '8N', '8L', '8Q', '8U', '3B', '19C', '20A', '5D', '36'],
                    [36, 26, 14, 7, 6, 3, 4, 2, 1, 1]),
                ('Violence and sexual offences', false,
                    ['105A', '8N', '8L', '8Q', '3B', '8T', '4.8', '5D', '5E', '36', '1', '4.1', '2', '19C',
                        '19D', '19E', '19F', '19G', '19H', '20A', '20B', '88E'],
                    [32, 26.5, 21.5, 3, 4, 3, 0.2, 1, 0.4, 0.4, 0.03, 0.01, 0.06, 1.6,
                        0.7, 0.2, 0.2, 0.1, 0.1, 2.6, 0.5, 1.9]),
                ('Criminal damage and arson', true, ['58A', '58C'], [7, 3]),
                ('Criminal damage and arson', false,
                    ['56A', '56B', '58A', '58B', '58C', '58D'], [1, 5, 26, 10, 34, 24]),
                ('Public order', false, ['9A', '62A'], [97, 3]),
                ('Possession of weapons', false, ['10D', '81'], [88, 12]),
                ('Robbery', false, ['34B', '34A'], [85, 15]),
                ('Bicycle theft', false, ['44'], [1]),
                ('Burglary', false, ['28E', '30C'], [68, 32]),
                ('Drugs', false, ['92A', '92D', '92E'], [20, 22, 58]),
                ('Other crime', false, ['99'], [1]),
                ('Other theft', false, ['49'], [1]),
                ('Shoplifting', false, ['46'], [1]),
                ('Theft from the person', false, ['39'], [1]),
                ('Vehicle crime', false, ['126', '45', '48'], [4, 58, 38]),
                ('Hate', false,
                    ['9B', '8P', '105B', '8M', '58J', '9A', '8L', '105A', '8N'],
                    [32, 6, 8, 9, 5, 18, 12, 6, 4]),
                ('Modern slavery', false, ['106'], [1])
        ) as kinds (kind, is_domestic, codes, weights)
    ),

    reach as (
        select
            *,
            sum(weight) over (partition by kind, is_domestic order by ho_code)
            / sum(weight) over (partition by kind, is_domestic) as upto
        from offence
    ),

    menu as (
        select
            *,
            lag(upto, 1, 0) over (partition by kind, is_domestic order by ho_code) as beyond
        from reach
    ),

    coded as (
        select
            drawn.*,
            menu.ho_code,
            left(menu.ho_code, 2) in ('19', '20', '88') as is_sexual,
            menu.ho_code in ('9B', '8P', '105B', '8M', '58J') as is_aggravated,
            -- Nobody is the victim of these.
            drawn.kind in ('Drugs', 'Possession of weapons', 'Shoplifting', 'Other crime')
            or menu.ho_code in ('30C', '34A', '62A', '58B') as is_victimless,
            unit(hash(xor(k, 1::ubigint))) as v1, unit(hash(xor(k, 2::ubigint))) as v2,
            unit(hash(xor(k, 3::ubigint))) as v3, unit(hash(xor(k, 4::ubigint))) as v4,
            unit(hash(xor(k, 5::ubigint))) as v5, unit(hash(xor(k, 6::ubigint))) as v6,
            unit(hash(xor(k, 7::ubigint))) as v7, unit(hash(xor(k, 8::ubigint))) as v8,
            unit(hash(xor(k, 9::ubigint))) as v9, unit(hash(xor(k, 10::ubigint))) as v10,
            unit(hash(xor(k, 11::ubigint))) as v11, unit(hash(xor(k, 12::ubigint))) as v12
        from drawn
        inner join
            menu
            on menu.kind = drawn.kind
            and menu.is_domestic = drawn.is_domestic
            and drawn.u6 >= menu.beyond
            and drawn.u6 < menu.upto
    ),

    -- Where, when and who: what the flags below lean on.
    described as (
        select
            *,
            case
                when is_domestic then weighted(['dwelling', 'street', 'other'], [85, 9, 6], v1)
                when is_sexual then
                    weighted(
                        ['dwelling', 'street', 'licensed_premises', 'school', 'other'],
                        [60, 12, 8, 5, 15], v1)
                when kind in ('Violence and sexual offences', 'Hate') then
                    weighted(
                        ['street', 'dwelling', 'licensed_premises', 'shop', 'school', 'transport',
                            'other'],
                        [40, 28, 12, 6, 4, 3, 7], v1)
                when kind = 'Shoplifting' or ho_code = '34A' then 'shop'
                when ho_code in ('28E', '58A', '106') then 'dwelling'
                when kind in ('Public order', 'Possession of weapons', 'Robbery') then
                    weighted(
                        ['street', 'licensed_premises', 'shop', 'transport', 'dwelling', 'other'],
                        [66, 8, 8, 5, 8, 5], v1)
                when kind = 'Drugs' then weighted(['street', 'dwelling', 'other'], [62, 30, 8], v1)
                else weighted(['street', 'other', 'dwelling', 'shop'], [45, 35, 12, 8], v1)
            end as location_type,
            -- Days from the offence to its record; sexual offences may come to light years later.
            case
                when is_sexual and v2 < 0.3 then 60 + floor(v2 * 20000)
                else pick([0, 0, 0, 0, 0, 0, 1, 1, 2, 5 + v2 * 40], v2)
            end::integer as days_before,
            case
                when is_victimless then null
                when ho_code in ('19C', '19D', '19E', '20A', '20B') then 'F'
                when ho_code in ('19F', '19G', '19H') then 'M'
                when is_domestic then weighted(['F', 'M', 'U'], [73, 26, 1], v3)
                when is_sexual then weighted(['F', 'M', 'U'], [84, 15, 1], v3)
                else weighted(['F', 'M', 'U'], [45, 51, 4], v3)
            end as victim_sex,
            case
                when is_victimless then null
                when ho_code in ('19D', '19E', '19G', '19H', '20B') then '0-15'
                when ho_code in ('19C', '19F')
                then weighted(['16-17', '18-24', '25-34', '35-59', '60+'], [12, 30, 28, 27, 3], v4)
                when is_domestic then
                    weighted(
                        ['0-15', '16-17', '18-24', '25-34', '35-59', '60+'],
                        [1, 3, 20, 32, 39, 5], v4)
                else
                    weighted(
                        [null, '0-15', '16-17', '18-24', '25-34', '35-59', '60+'],
                        [3, if(kind = 'Violence and sexual offences', 13, 4), 5, 15, 24, 34, 6], v4)
            end as victim_age_band,
            case
                when is_domestic then weighted([null, '16-17', '18+'], [4, 3, 93], v5)
                when ho_code = '92A'
                then weighted([null, '0-15', '16-17', '18+'], [6, 5, 13, 76], v5)
                when kind = 'Modern slavery' then weighted([null, '18+'], [60, 40], v5)
                else weighted([null, '0-15', '16-17', '18+'], [52, 6, 5, 37], v5)
            end as suspect_age_band,
            case
                when kind <> 'Hate' or v6 < 0.03 then null
                when is_aggravated then weighted(['race', 'religion'], [88, 12], v7)
                else
                    weighted(
                        ['race', 'religion', 'sexual_orientation', 'disability', 'transgender'],
                        [25, 6, 36, 24, 9], v7)
            end as first_strand
        from coded
    )

select
    ref('police/recorded_crime/' || theme, n) as crime_ref,
    day as recorded_date,
    -- An hour that nobody knows is written as midnight.
    case
        when kind in ('Burglary', 'Other theft', 'Criminal damage and arson') and v8 < 0.12
        then day::timestamp
        else "at"
    end
    - to_days(days_before) as committed_from,
    ho_code,
    case
        when u2 < 0.02 then null when u2 between 0.03 and 0.035 then 'E01099999' else lsoa_2021_code
    end as lsoa_code,
    location_type,
    if(
        location_type in ('street', 'licensed_premises', 'transport')
        or location_type = 'shop' and v8 < 0.7, 'Y', 'N') as public_place_flag,
    if(is_domestic, 'Y', 'N') as domestic_abuse_flag,
    if(
        v9 < case
            when ho_code in ('1', '2', '5D') then 0.38
            when kind = 'Robbery' then 0.14
            when ho_code = '10D' then 0.12
            when ho_code = '3B' then 0.07
            when ho_code in ('8N', '8P') then 0.025
            when ho_code in ('105A', '9A') then 0.004
            else 0.001
        end, 'Y', 'N') as knife_flag,
    if(
        v10 < case
            when kind in ('Violence and sexual offences', 'Public order')
            then if(hour("at") >= 20 or hour("at") < 4, 0.32, 0.1)
            else 0.02
        end, 'Y', 'N') as alcohol_flag,
    if(
        kind = 'Drugs'
        or v11 < case
            when kind = 'Shoplifting' then 0.1 when kind = 'Modern slavery' then 0.2 else 0.03
        end, 'Y', 'N') as drugs_flag,
    if(
        victim_age_band in ('0-15', '16-17')
        and v6 < if(is_sexual, 0.14, if(kind = 'Modern slavery', 0.3, 0)), 'Y', 'N') as cse_flag,
    if(
        suspect_age_band in ('0-15', '16-17') and v7 < case
            when ho_code = '92A' then 0.4 when kind = 'Possession of weapons' then 0.08 else 0
        end
        or kind = 'Modern slavery' and v7 < 0.35, 'Y', 'N') as cce_flag,
    if(kind = 'Modern slavery' and v8 < 0.95 or ho_code = '92A' and v8 < 0.02, 'Y', 'N')
    as modern_slavery_flag,
    if(
        v12 < case
            when ho_code = '8L' then 0.35
            when ho_code in ('8Q', '88E') then 0.22
            when ho_code = '9A' then 0.04
            else 0.002
        end, 'Y', 'N') as online_flag,
    -- One in twelve has two strands.
    first_strand
    || case
        when v10 < 0.92 then ''
        when first_strand = 'race' then ';religion'
        when first_strand = 'religion' then ';race'
        when first_strand = 'transgender' then ';sexual_orientation'
        else ';transgender'
    end as hate_strands,
    victim_sex,
    victim_age_band,
    suspect_age_band,
    if(not is_victimless and v12 >= if(is_domestic, 0.62, 0.92), 'Y', 'N') as repeat_victim_flag,
    -- 18: no suspect was found; the other codes need one.
    if(
        suspect_age_band is null,
        weighted([null, '14', '18'], [15, 15, 70], u8),
        weighted([null, '1', '3', '8', '15', '16', '20'], [10, 15, 2, 8, 25, 36, 4], u8))
    as outcome_code
from described
order by recorded_date, crime_ref
