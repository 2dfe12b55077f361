-- Answers to a question and its base.
with
    answer as (
        select v.*, concat_ws('|', v.measure_id, 'answer', '', 'edition', '') as base_cell
        from variable as v
        where v.area_type = 'answer' and v.area_code <> ''
    ),
    is_ranked as (select distinct measure_id from answer where item = 'first')
-- The base of every answer is the base of the question.
select
    'asked|' || cell,
    '=',
    0.0,
    unnest([cell, base_cell]),
    unnest(['base', 'count']),
    unnest([1.0, -1.0])
from answer
where item = 'base'
union all
-- With one answer each, the answers add up to the base; with three ranked ones, the first
-- choices do.
select 'answers|' || base_cell, '=', 0.0, cell, item, 1.0
from answer
where item = if(measure_id in (select measure_id from is_ranked), 'first', 'count')
union all
select distinct 'answers|' || base_cell, '=', 0.0, base_cell, 'count', -1.0
from answer
