-- The weights are public, so a weighted sum discloses single offences: it is not published.
select
    t.* replace (
        cast(null as bigint) as offences,
        cast(null as double) as harm,
        cast(null as double) as share_of_harm
    ),
    'derived' as suppressed,
    false as is_rounded
from harm as t
order by t.scheme, t.is_proactive, t.offence_group
