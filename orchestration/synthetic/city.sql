-- The synthetic city: tables and macros that every `<feed>.sample.sql` stands on. Run once a
-- connection by engine.py, which sets the variables `seed`, `area`, `seeds` (the folder of the register's tables),
-- `baseline` (the first day that the strategy looks at) and `city_from`, `city_to` (days), and before every period `feed` and `period`.
-- Codes, names and populations are the area's real ones; everything else is made up. Round figures;
-- nobody's statistics.

-- -------------------------------------------------------------------------------------- draws
-- Every draw is a hash of names, so it is the same whenever, and beside whatever else, it is made.
-- DuckDB's hash of several values ends in an exclusive or, so draws that differ in one part only
-- would go together; a second hash parts them.
create macro unit(h) as (h >> 11)::double / 9007199254740992.0;

-- The same draw in every feed and period: for what a thing is (a school, a street, a place).
create macro always_u(key, tag) as unit(hash(hash(getvariable('seed'), tag, key::varchar)));

-- A draw of this feed and period: for what happens.
create macro u(key, tag) as unit(hash(hash(
    getvariable('seed'), getvariable('feed'), getvariable('period'), tag, key::varchar)));

create macro pick(list, u) as list[1 + floor(u * len(list))::bigint];

create macro weighted(names, weights, u) as names[1 + least(len(names) - 1, len(list_filter(
    list_transform(range(1, len(weights) + 1), i -> list_sum(weights[1:i])),
    reached -> reached <= u * list_sum(weights))))];

-- A normal draw from a uniform one, near enough.
create macro normal(u) as (power(u, 0.135) - power(1 - u, 0.135)) / 0.1975;

-- How many, where `mean` are usual: a Poisson draw. Below 1 it adds up the chances of 0 to 5; above,
-- a normal draw is bent to the Poisson's skew.
create macro poisson(mean, u) as case
    when mean >= 1 then greatest(0, round(mean + sqrt(mean) * normal(u) + (power(normal(u), 2) - 1) / 6))
    else (u * exp(mean) >= 1)::double
        + (u * exp(mean) >= 1 + mean)::double
        + (u * exp(mean) >= 1 + mean + mean * mean / 2)::double
        + (u * exp(mean) >= 1 + mean + mean * mean / 2 + mean * mean * mean / 6)::double
        + (u * exp(mean) >= exp(mean) - power(mean, 5) / 120 * (1 + mean / 6))::double
end::bigint;

-- A macro puts its arguments in wherever they stand; through a list they are worked out once.
create macro chance(mean, u) as
    list_transform([{'mean': mean::double, 'u': u}], drawn -> poisson(drawn.mean, drawn.u))[1];

-- A reference that no partner would give: SYN- and sixteen letters (no digits, so that it never
-- looks like a telephone or an NHS number). Stable for feed, period and running number.
create macro ref(feed, n) as 'SYN-' || translate(
    lpad(lower(to_hex(hash(hash(getvariable('seed'), feed, getvariable('period'), n::varchar)))), 16, '0'),
    '0123456789abcdef', 'BCDFGHJKLMNPQRST');

-- A place as partners record it: some rows have none, some lie in the district next door.
create macro lsoa_as_recorded(lsoa_code, u, unplaced := 0.03, outside := 0.06) as
    case when u >= unplaced + outside then lsoa_code when u >= unplaced then 'E01099999' end;

create macro ward_as_recorded(ward_code, u, unplaced := 0.03, outside := 0.06) as
    case when u >= unplaced + outside then ward_code when u >= unplaced then 'E05099999' end;

-- From -1 in mid-January to 1 in mid-July: for weights that have a season of their own.
create macro summer(day) as cos(2 * pi() * (dayofyear(day) - 196) / 365.25);

-- -------------------------------------------------------------------------------------- places
create table area as
select * from read_csv(getvariable('seeds') || '/partnerships.csv', all_varchar = true)
where area_code = getvariable('area');

create table ward as
select ward_code, ward_name from read_csv(getvariable('seeds') || '/area_ward.csv')
where district_code = getvariable('area') and in_force_to is null
order by ward_code;

-- A few places hold much of the volume: weight falls with the place's rank in a seeded order.
create table lsoa as
with
    resident as (
        select lsoa_2021_code, arg_max(population, mid_year) as population
        from read_csv(getvariable('seeds') || '/area_population.csv')
        group by lsoa_2021_code
    ),
    ranked as (
        select *, row_number() over (order by always_u(lsoa_2021_code, 'rank')) as place
        from read_csv(getvariable('seeds') || '/area_lsoa_2021.csv')
        where district_code = getvariable('area')
    )
select
    lsoa_2021_code, lsoa_2021_name, msoa_2021_code, ward_code, ward.ward_name,
    longitude, latitude, resident.population, power(ranked.place, -0.7) as weight
from ranked
left join ward using (ward_code)
left join resident using (lsoa_2021_code)
order by lsoa_2021_code;

-- Home Office codes with their groups, and the outward parts of the city's postcodes.
create table offence as
from read_csv(
    getvariable('seeds') || '/offence_taxonomy.csv', types = {'ho_code': 'VARCHAR'}
);

create table postcode_district as
from read_csv(getvariable('seeds') || '/postcode_districts.csv');

-- -------------------------------------------------------------------------------------- themes
-- What the events of a theme have in common: season (share by which July exceeds the mean), the
-- weekend's factor, and the hours of a day, each as often as its weight (24 weights are given).
create table theme as
select
    theme, season, weekend,
    flatten(list_transform(range(24), h -> list_transform(range(weights[h + 1]), x -> h))) as hours
from (values
    ('disorder', 0.25, 1.15, [4,3,2,1,1,1,1,2,2,2,2,3,3,3,4,5,6,7,8,9,9,8,7,5]),
    ('fire', 0.15, 1.10, [4,3,2,2,1,1,1,1,1,1,2,2,2,3,3,4,5,6,7,8,9,9,7,5]),
    ('violence', 0.10, 1.40, [9,7,6,4,2,1,1,1,2,3,3,3,4,3,3,5,5,5,5,6,6,7,8,9]),
    ('alcohol', 0.04, 1.70, [9,9,8,6,3,1,1,1,1,1,1,1,2,2,2,3,3,4,4,5,6,7,8,9]),
    ('hate', 0.12, 1.00, [2,2,1,1,1,1,1,2,3,4,4,4,5,4,4,6,6,6,6,5,5,4,4,3]),
    ('exploitation', -0.05, 0.80, [2,2,1,1,1,1,1,2,3,6,6,6,5,5,6,7,6,5,4,4,4,4,3,3]),
    ('domestic', 0.05, 1.25, [6,4,3,2,2,1,2,3,3,3,3,3,4,3,3,4,5,6,7,7,8,8,8,7]),
    ('plain', 0.03, 0.95, [2,1,1,1,1,1,1,2,3,5,6,6,7,6,6,6,6,6,5,4,4,3,3,2])
) as themes (theme, season, weekend, weights);

-- Two thousand shares of a theme's volume, each lying in a place. A theme bends the shared weights
-- a little, so places that are hot are hot for every partner, in another order.
create table place as
with
    bent as (
        select theme.theme, lsoa.*, lsoa.weight * (0.5 + always_u(lsoa_2021_code, theme.theme)) as heat
        from lsoa cross join theme
    ),
    reach as (
        select *,
            sum(heat) over (partition by theme order by lsoa_2021_code)
            / sum(heat) over (partition by theme) as upto
        from bent
    )
select theme, share, lsoa_2021_code, lsoa_2021_name, ward_code, ward_name, longitude, latitude
from (
    select theme.theme as theme, share, min(reach.upto) as upto
    from theme cross join range(2000) as shares (share)
    inner join reach on reach.theme = theme.theme and reach.upto > (share + 0.5) / 2000
    group by all
)
inner join reach using (theme, upto)
order by theme, share;

-- --------------------------------------------------------------------------------------- days
-- What stirs the whole city, by theme: first and last day, and the factor that day's volume takes.
create table shock as
with
    years as (select unnest(range(year(getvariable('city_from')) - 1, year(getvariable('city_to')) + 1)) as y),
    yearly (name, from_month, from_day, days, theme, factor) as (
        values
            ('bonfire night', 11, 2, 5, 'fire', 6.0), ('bonfire night', 11, 2, 5, 'disorder', 2.0),
            ('bonfire night', 11, 2, 5, 'violence', 1.3), ('bonfire night', 11, 2, 5, 'alcohol', 1.3),
            ('halloween', 10, 31, 1, 'disorder', 1.6), ('halloween', 10, 31, 1, 'fire', 1.8),
            ('christmas', 12, 24, 4, 'domestic', 1.4), ('christmas', 12, 24, 4, 'alcohol', 1.3),
            ('christmas', 12, 24, 4, 'plain', 0.7), ('christmas', 12, 24, 4, 'exploitation', 0.5),
            ('new year', 12, 31, 2, 'disorder', 1.4), ('new year', 12, 31, 2, 'fire', 1.3),
            ('new year', 12, 31, 2, 'violence', 1.9), ('new year', 12, 31, 2, 'alcohol', 2.4),
            ('new year', 12, 31, 2, 'domestic', 1.6),
            ('spring holidays', 4, 3, 14, 'disorder', 1.12), ('spring holidays', 4, 3, 14, 'fire', 1.4),
            ('spring holidays', 4, 3, 14, 'exploitation', 0.7),
            ('summer holidays', 7, 22, 42, 'disorder', 1.12), ('summer holidays', 7, 22, 42, 'fire', 1.2),
            ('summer holidays', 7, 22, 42, 'exploitation', 0.6),
            ('autumn holidays', 10, 24, 8, 'disorder', 1.12),
            ('autumn holidays', 10, 24, 8, 'exploitation', 0.7)
    ),
    hot (theme, factor) as (
        values ('disorder', 1.3), ('fire', 1.9), ('violence', 1.2), ('alcohol', 1.2), ('domestic', 1.15)
    ),
    spell as (
        select
            make_date(y, 6, 8) + floor(80 * always_u(y * 10 + k, 'hot spell'))::integer as first_day,
            4 + floor(5 * always_u(y * 10 + k, 'hot days'))::integer as days
        from years cross join range(3) as spells (k)
    )
select name, theme, make_date(y, from_month, from_day) as first_day, days, factor
from yearly cross join years
union all
select 'hot spell', theme, first_day, days, factor from spell cross join hot
union all
select 'unrest of 2024', theme, date '2024-07-30', 14, factor
from (values ('hate', 4.0), ('disorder', 1.3), ('violence', 1.15)) as unrest (theme, factor);

-- The same days for every feed. Beside the shocks: weekend, season, a slow trend of the theme, and
-- a month's mood.
create table city_day as
with
    days as (
        select unnest(range(getvariable('city_from'), getvariable('city_to') + 1, interval 1 day))::date as day
    ),
    shocked as (
        select (first_day + unnest(range(days))::integer)::date as day, theme, factor from shock
    ),
    shaken as (
        select day, theme, product(factor) as factor from shocked group by day, theme
    )
select
    day,
    theme.theme as theme,
    round(
        coalesce(shaken.factor, 1)
        * if(isodow(day) >= 6, theme.weekend, (7 - 2 * theme.weekend) / 5)
        * (1 + theme.season * summer(day))
        * (1 + (0.12 * always_u(theme.theme, 'trend') - 0.05) * (day - getvariable('baseline')) / 365.25)
        * (0.95 + 0.1 * always_u(strftime(day, '%Y-%m'), theme.theme)),
        6
    ) as factor
from days
cross join theme
left join shaken using (day, theme)
order by theme, day;

-- ------------------------------------------------------------------------------------- events
create table asked (period varchar, period_start date, period_end date, seed integer);

-- How many events the asked period would hold by this theme's days, for feeds that send counts.
create macro expected(per_month, of_theme) as per_month * (
    select sum(city_day.factor) * 12 / 365.25
    from city_day
    cross join asked
    where city_day.theme = of_theme
        and city_day.day between asked.period_start and asked.period_end
);

-- One row per event of the asked period: `per_month` is the mean of a month in which nothing stirs.
-- `feed` may be any name; another name gives other draws (for a second kind of event in one feed).
create macro draw(feed, per_month, of_theme) as table
with
    expected as (
        select
            city_day.day,
            per_month * 12 / 365.25 * city_day.factor as mean,
            hash(hash(asked.seed, feed, of_theme, city_day.day)) as day_key,
            unit(hash(xor(day_key, 1::ubigint))) as draw_of_day
        from city_day
        cross join asked
        where city_day.theme = of_theme
            and city_day.day between asked.period_start and asked.period_end
    ),
    counted as (
        select
            expected.day,
            expected.day_key,
            poisson(expected.mean, expected.draw_of_day) as events
        from expected
    ),
    event as (
        select counted.day, counted.day_key, unnest(range(counted.events)) as i from counted
    ),
    keyed as (
        select event.day, event.i, hash(hash(event.day_key, event.i)) as k from event
    )
select
    row_number() over (order by keyed.day, keyed.i) as n,
    keyed.day,
    keyed.day::timestamp
        + to_hours(theme.hours[1 + floor(unit(hash(xor(keyed.k, 11::ubigint))) * len(theme.hours))::bigint])
        + to_minutes(floor(unit(hash(xor(keyed.k, 12::ubigint))) * 60)::bigint) as "at",
    place.lsoa_2021_code, place.lsoa_2021_name, place.ward_code, place.ward_name,
    place.longitude, place.latitude,
    unit(hash(xor(keyed.k, 21::ubigint))) as u1, unit(hash(xor(keyed.k, 22::ubigint))) as u2,
    unit(hash(xor(keyed.k, 23::ubigint))) as u3, unit(hash(xor(keyed.k, 24::ubigint))) as u4,
    unit(hash(xor(keyed.k, 25::ubigint))) as u5, unit(hash(xor(keyed.k, 26::ubigint))) as u6,
    unit(hash(xor(keyed.k, 27::ubigint))) as u7, unit(hash(xor(keyed.k, 28::ubigint))) as u8
from keyed
inner join theme on theme.theme = of_theme
inner join place
    on place.theme = of_theme and place.share = floor(unit(hash(xor(keyed.k, 13::ubigint))) * 2000)::bigint;
