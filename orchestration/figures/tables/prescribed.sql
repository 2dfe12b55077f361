-- One row per item of prescribed information and quarter of the year.
select
    paragraph,
    partner,
    information,
    period as information_period,
    due_on as owed_by,
    state,
    months_delivered,
    share_with_blank_fields,
    verified
from governance.prescribed_information
where period_start between $year_start and $year_end
order by paragraph, period
