-- One row per measure, area and period of the measures that are held or released by a waiver: the
-- last figures that nothing spoke against. They stand in fct_measure while the measure is held.
select
    * exclude (state),
    cast(false as boolean) as is_held,
    cast(false as boolean) as is_latest,
    cast(null as bigint) as warned_deliveries
from {{ ref("int_figure_before") }}
order by measure_id, area_type, area_code, period_type, period_start
