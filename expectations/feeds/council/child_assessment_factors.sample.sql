-- A made-up quarter of factors in assessments of children in need: mental health in more than a
-- thousand, trafficking in a handful. Numbers below 5 are withheld, thousands have a comma.
-- Round figures; nobody's statistics.
with
    factor(nth, factor, per_month, theme) as (
        values
            (1, 'cse', 14, 'exploitation'),
            (2, 'cce', 19, 'exploitation'),
            (3, 'gangs', 5, 'exploitation'),
            (4, 'missing', 13, 'exploitation'),
            (5, 'trafficking', 1.6, 'exploitation'),
            (6, 'domestic_violence', 235, 'domestic'),
            (7, 'alcohol_misuse', 72, 'alcohol'),
            (8, 'drug_misuse', 105, 'plain'),
            (9, 'mental_health', 390, 'plain'),
            (10, 'other', 150, 'plain')
    ),
    counted as (
        select
            nth, factor, chance(expected(per_month, theme), u(factor, 'assessments')) as assessments
        from factor
    )
select factor, if(assessments between 1 and 4, '*', format('{:,}', assessments)) as assessments
from counted
order by nth
