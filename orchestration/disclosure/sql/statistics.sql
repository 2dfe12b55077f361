-- The formulas of the marts (dbt_project/macros/statistics.sql, with their sources), for controlled
-- figures. The least base of a comparison and of a chart are the marts' too.
create macro z_95() as 1.959963985;
create macro z_998() as 3.090232306;
create macro byar_lower(n, z) as case
    when n is null then null
    when n = 0 then 0.0
    else n * pow(greatest(1 - 1.0 / (9 * n) - z / (3 * sqrt(n)), 0), 3)
end;
create macro byar_upper(n, z) as (n + 1) * pow(1 - 1.0 / (9 * (n + 1)) + z / (3 * sqrt(n + 1)), 3);
create macro wilson_lower(x, n) as case when x is not null and n > 0 then greatest(
    (2 * x + pow(z_95(), 2) - z_95() * sqrt(pow(z_95(), 2) + 4 * x * (1 - x / n)))
    / (2 * (n + pow(z_95(), 2))), 0) end;
create macro wilson_upper(x, n) as case when x is not null and n > 0 then least(
    (2 * x + pow(z_95(), 2) + z_95() * sqrt(pow(z_95(), 2) + 4 * x * (1 - x / n)))
    / (2 * (n + pow(z_95(), 2))), 1) end;
create macro rate_of(n, people, per) as cast(n * per / nullif(people, 0) as double);
create macro rate_lower_of(n, people, per, has_base) as cast(case
    when has_base then per * wilson_lower(n, people)
    else byar_lower(n, z_95()) * per / nullif(people, 0)
end as double);
create macro rate_upper_of(n, people, per, has_base) as cast(case
    when has_base then per * wilson_upper(n, people)
    else byar_upper(n, z_95()) * per / nullif(people, 0)
end as double);
create macro change_percent_of(a, b) as
    cast(case when a + b >= 20 then 100.0 * (a - b) / nullif(b, 0) end as double);
create macro counts_differ(a, b) as
    case when a + b >= 20 then abs(a - b) / sqrt(a + b) > z_95() end;
create macro shares_differ(x1, n1, x2, n2) as case
    when n1 is null or n2 is null or n1 < 20 or n2 < 20 then null
    when x1 + x2 in (0, n1 + n2) then false
    else abs(x1 / n1 - x2 / n2) / sqrt(
        ((x1 + x2) / (n1 + n2)) * (1 - (x1 + x2) / (n1 + n2)) * (1.0 / n1 + 1.0 / n2)
    ) > z_95()
end;
create macro year_starts(label) as make_date(cast(label[1:4] as integer), 4, 1);
-- The strategy year of the edition begins here.
create table edition_year as
select max(cast(period_start as date)) as starts_on, max(strategy_year) as label
from figures where period_type = 'strategy_year' and area_type = 'city';
