-- A made-up quarter of the partnership plan: up to thirty actions, three a priority, three or four
-- of which begin each quarter from April 2023 on. An action goes forward at its own pace and never
-- back; it is amber or red as it falls behind. Round figures; nobody's statistics.
with
    action(priority_id, action, lead) as (
        values
            (
                'anti_social_behaviour',
                'Agree one case review procedure with all landlords',
                'Council'
            ),
            ('anti_social_behaviour', 'Patrol the hotspots that the assessment names', 'Police'),
            ('anti_social_behaviour', 'Clear fly-tips within three working days', 'Council'),
            (
                'serious_violence_vawg',
                'Run the night-time safe space at weekends',
                'Voluntary sector'
            ),
            ('serious_violence_vawg', 'Share emergency department data every month', 'Health'),
            ('serious_violence_vawg', 'Teach knife awareness in every secondary school', 'Police'),
            ('modern_slavery', 'Train first responders of all partners', 'Council'),
            ('modern_slavery', 'Inspect car washes and nail bars jointly', 'Police'),
            ('modern_slavery', 'Open a safe house pathway for adults', 'Voluntary sector'),
            ('community_cohesion', 'Open three more third-party reporting centres', 'Council'),
            ('community_cohesion', 'Meet weekly in times of tension', 'Partnership office'),
            ('community_cohesion', 'Hold a listening exercise in every ward', 'Voluntary sector'),
            ('alcohol_related_harm', 'Review premises in the cumulative impact area', 'Council'),
            ('alcohol_related_harm', 'Offer brief advice in custody', 'Health'),
            ('alcohol_related_harm', 'Extend alcohol care teams to seven days', 'Health'),
            (
                'contextual_safeguarding',
                'Map places of concern with schools',
                'Children’s services'
            ),
            (
                'contextual_safeguarding',
                'Offer every missing child an interview in 72 hours',
                'Children’s services'
            ),
            ('contextual_safeguarding', 'Train transport and takeaway staff', 'Police'),
            ('county_lines', 'Visit addresses at risk of cuckooing', 'Police'),
            (
                'county_lines',
                'Agree a pathway for children found out of area',
                'Children’s services'
            ),
            ('county_lines', 'Hold two weeks of intensified action a year', 'Police'),
            (
                'domestic_abuse',
                'Cut repeat cases at the risk assessment conference',
                'Partnership office'
            ),
            ('domestic_abuse', 'Start a programme for perpetrators', 'Probation'),
            ('domestic_abuse', 'Place an advocate in the emergency department', 'Health'),
            ('drug_related_crime_harm', 'Engage prison leavers within three weeks', 'Probation'),
            ('drug_related_crime_harm', 'Give out naloxone through pharmacies', 'Health'),
            ('drug_related_crime_harm', 'Test on arrest for more offences', 'Police'),
            ('safeguarding_mental_health', 'Open a health-based place of safety', 'Health'),
            ('safeguarding_mental_health', 'Agree who attends welfare calls', 'Police'),
            (
                'safeguarding_mental_health',
                'Set up a panel on self-neglect and hoarding',
                'Adult social care'
            )
    ),
    ranked as (
        select *, row_number() over (partition by priority_id order by action) as nth from action
    ),
    numbered as (select *, row_number() over (order by nth, priority_id) as number from ranked),
    planned as (
        select
            *,
            date '2023-04-01' + to_months(3 * floor(number / 4)::integer) as starts_on,
            4 + floor(5 * always_u(action, 'quarters'))::integer as quarters,
            0.6 + 0.55 * always_u(action, 'pace') as pace
        from numbered
    ),
    standing as (
        select
            planned.*,
            (starts_on + to_months(3 * quarters))::date - 1 as due_on,
            asked.period_end,
            (date_diff('quarter', starts_on, asked.period_end) + 1) / quarters as time_gone
        from planned
        cross join asked
        where starts_on <= asked.period_end
    ),
    gone as (
        select *, least(100, floor(100 * time_gone * pace))::integer as progress_percent
        from standing
    )
select
    'A' || number as action_ref,
    priority_id,
    action,
    lead,
    due_on,
    case
        when progress_percent = 100
        then 'complete'
        when due_on <= period_end or 100 * time_gone - progress_percent > 18
        then 'red'
        when 100 * time_gone - progress_percent > 7
        then 'amber'
        else 'green'
    end as rag,
    progress_percent
from gone
order by number
