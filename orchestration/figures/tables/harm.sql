-- One row per weighting scheme and offence group, whole area, for the year.
select harm_scheme as scheme, offence_group, is_proactive, "count" as offences, harm, share_of_harm
from marts.harm
where area_type = 'city' and period_type = 'strategy_year' and strategy_year = $year
order by harm_scheme, harm desc, offence_group
