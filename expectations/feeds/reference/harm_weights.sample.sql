-- Made-up harm weights for the offence codes of the taxonomy: any number from 1 to 3,000, in no
-- order. They are no scheme's and say nothing about harm. Round figures; nobody's statistics.
select
    ho_code,
    1 + floor(3000 * always_u(ho_code, 'harm weight'))::integer as weight,
    'synthetic' as scheme,
    'Made up for trying the warehouse' as source,
    'None needed' as licence,
    date '2024-04-01' as as_at
from (select distinct ho_code from offence)
order by ho_code
