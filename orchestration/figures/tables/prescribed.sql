-- One row per item of prescribed information and quarter of the year.
select
    paragraph,
    partner,
    information,
    information_period,
    owed_by,
    state,
    months_delivered,
    share_with_blank_fields,
    verified
from governance.prescribed_information
where period_start between $year_start and $year_end
order by paragraph, information_period
