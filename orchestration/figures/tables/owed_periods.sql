-- One row per feed and period that the year needs (those that end in it) of the part that is due:
-- what became of it. Of a feed of editions any one that was delivered answers for it.
select feed, period, period_start, period_end, state
from governance.completeness
where is_expected_part and (period_start is null or period_end between $year_start and $year_end)
qualify
    period_start is not null
    or state = 'delivered'
    or not bool_or(state = 'delivered') over (partition by feed)
order by feed, period_start nulls first, period
