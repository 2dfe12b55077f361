-- One row per offence group: our count beside the Home Office's, for the year.
select offence_group, our_count, their_count, difference, difference_percent, state
from governance.external_reconciliation
where strategy_year = $year
order by offence_group
