"""The periods that an edition's queries look up the strategy's baseline year in, for made-up warehouses."""

BASELINE = """
create table marts.dim_period as
select 'strategy_year' as period_type, first_day::date as period_start, label as strategy_year,
    role as strategy_role
from (values
    ('2022-04-01', '2022-23', 'before_baseline'),
    ('2023-04-01', '2023-24', 'baseline'),
    ('2024-04-01', '2024-25', 'strategy')
) as years (first_day, label, role)
"""
