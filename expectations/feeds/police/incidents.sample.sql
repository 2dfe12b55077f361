-- A made-up month of the police log: about 2,600 incidents. Anti-social behaviour and the domestic
-- incidents with a crime are events of street_crime.sample.sql and recorded_crime.sample.sql (same
-- draws, so the same days and places); the rest are draws of their own. From November 2023 fewer
-- mental health and welfare calls are attended. 2 % cannot be placed.
-- Round figures; nobody's statistics.
with
    event as (
        select *, 'asb' as code, null as crime_ref
        from draw('police/street_crime', 1100, 'disorder')
        where u1 < 600 / 1100
        union all
        select *, 'domestic' as code, ref('police/recorded_crime/violence', n) as crime_ref
        from draw('police/street_crime', 1230, 'violence')
        -- As recorded_crime.sample.sql has it: violence that is domestic abuse.
        where u1 < 1150 / 1230 and u7 < 0.21
        union all
        select *, 'domestic' as code, null as crime_ref
        from draw('police/incidents', 330, 'domestic')
        union all
        select
            *,
            weighted(
                ['concern_for_safety', 'public_safety', 'transport', 'admin'],
                [470, 520, 330, 260],
                u1
            ) as code,
            null as crime_ref
        from draw('police/incidents', 1580, 'plain')
    ),
    drawn as (
        select
            *,
            case
                code
                when 'concern_for_safety'
                then 0.3
                when 'public_safety'
                then 0.08
                when 'domestic'
                then 0.06
                when 'asb'
                then 0.03
                else 0.004
            end as mental_health_share,
            hash(hash(u6, u7, u8)) as k
        from event
        -- The public file's rows of the district next door are another partnership's.
        where code <> 'asb' and crime_ref is null or not u2 between 0.035 and 0.09
    ),
    noted as (
        select
            *,
            unit(hash(xor(k, 21::ubigint))) as v1,
            unit(hash(xor(k, 22::ubigint))) as v2,
            unit(hash(xor(k, 23::ubigint))) as v3,
            unit(hash(xor(k, 24::ubigint))) as v4,
            unit(hash(xor(k, 25::ubigint))) as v5,
            unit(hash(xor(k, 26::ubigint))) as v6,
            v1 < mental_health_share as is_mental_health
        from drawn
    )
select
    -- The draw's name keeps numbers apart: a domestic incident has one of two draws.
    ref('police/incidents/' || code || if(crime_ref is null, '', '/crime'), n) as incident_ref,
    "at" as opened_at,
    code as nsir_closing_code,
    case
        when code = 'asb'
        then weighted(['personal', 'nuisance', 'environmental'], [24, 66, 10], v2)
    end as nsir_asb_class,
    nullif(
        list_aggregate(
            list_filter(
                [
                    if(
                        v3 < case
                            when code in ('asb', 'domestic')
                            then if(hour("at") >= 20 or hour("at") < 4, 0.22, 0.09)
                            when code in ('public_safety', 'concern_for_safety')
                            then 0.06
                            else 0.01
                        end,
                        'alcohol',
                        null
                    ),
                    if(v4 < if(code = 'asb', 0.05, 0.02), 'drugs', null),
                    if(is_mental_health, 'mental_health', null),
                    -- Where there is a crime, it is known to be domestic abuse.
                    if(
                        code = 'domestic' and (crime_ref is not null or v5 < 0.94),
                        'domestic_abuse',
                        null
                    ),
                    if(code = 'asb' and v5 < 0.3, 'youth', null),
                    if(code in ('asb', 'domestic') and v6 < 0.15, 'repeat', null)
                ],
                noted -> noted is not null
            ),
            'string_agg',
            ';'
        ),
        ''
    ) as qualifiers,
    weighted(['immediate', 'priority', 'scheduled', 'telephone'], [16, 34, 28, 22], v2) as grade,
    case
        when u2 < 0.02 then null when u2 between 0.03 and 0.035 then 'E01099999' else lsoa_2021_code
    end as lsoa_code,
    crime_ref as linked_crime_ref
from noted
-- Right Care Right Person: what health and social care now answer is no longer logged here.
where day < date '2023-11-01' or not (is_mental_health or code = 'concern_for_safety') or v4 < 0.66
order by opened_at, incident_ref
