-- A made-up consultation: 760 adults, online and in four kinds of places, and 320 pupils in
-- schools. Nearly everybody supports the four priorities; people feel safe by day and less so after
-- dark. About one answer in thirty is left out, so bases differ by question.
-- Round figures; nobody's statistics.
with
    respondent as (
        select 'adult' as strand, 'adult ' || i as who
        from range(760) as adults(i)
        union all
        select 'school' as strand, 'pupil ' || i as who
        from range(320) as pupils(i)
    ),
    profile as (
        select
            *,
            if(
                strand = 'adult',
                weighted(['online', 'face_to_face'], [61, 39], u(who, 'mode')),
                'face_to_face'
            ) as mode
        from respondent
    ),
    asked_person as (
        select
            strand,
            who,
            ref('council/consultation_responses', who) as respondent_key,
            mode,
            case
                when strand = 'school'
                then 'school'
                when mode = 'online'
                then 'online'
                else
                    weighted(
                        ['town_centre', 'faith_institution', 'market', 'park'],
                        [38, 22, 26, 14],
                        u(who, 'venue')
                    )
            end as venue_type,
            case
                when strand = 'adult'
                then
                    ward_as_recorded(
                        pick(
                            (select list(ward_code order by lsoa_2021_code) from lsoa),
                            u(who, 'ward')
                        ),
                        u(who, 'placed'),
                        unplaced := 0.04,
                        outside := 0.02
                    )
            end as ward_code,
            if(
                strand = 'adult',
                weighted(
                    ['16-24', '25-34', '35-49', '50-64', '65+', null],
                    [8, 14, 25, 28, 22, 3],
                    u(who, 'age')
                ),
                weighted(['under-11', '11-13', '14-16'], [24, 44, 32], u(who, 'age'))
            ) as age_band
        from profile
    ),
    priority(nth, priority_id, priority_name, weight) as (
        values
            (1, 'anti_social_behaviour', 'Anti-social behaviour', 10),
            (
                2,
                'serious_violence_vawg',
                'Serious violence, and violence against women and girls',
                7
            ),
            (3, 'modern_slavery', 'Modern slavery', 1.2),
            (4, 'community_cohesion', 'Community cohesion', 2.2),
            (5, 'alcohol_related_harm', 'Harm from alcohol', 2.6),
            (6, 'contextual_safeguarding', 'Children harmed outside the home', 3.5),
            (7, 'county_lines', 'County lines', 2.8),
            (8, 'domestic_abuse', 'Domestic abuse', 4.5),
            (9, 'drug_related_crime_harm', 'Crime and harm from drugs', 6.5),
            (10, 'safeguarding_mental_health', 'Mental health of vulnerable people', 3.8)
    ),
    scale(scale, answer_code, answer_label) as (
        values
            ('agree', 'yes', 'Yes'),
            ('agree', 'no', 'No'),
            ('agree', 'unsure', 'Not sure'),
            ('safe', 'very_safe', 'Very safe'),
            ('safe', 'fairly_safe', 'Fairly safe'),
            ('safe', 'neither', 'Neither safe nor unsafe'),
            ('safe', 'fairly_unsafe', 'Fairly unsafe'),
            ('safe', 'very_unsafe', 'Very unsafe'),
            ('problem', 'very_big_problem', 'A very big problem'),
            ('problem', 'fairly_big_problem', 'A fairly big problem'),
            ('problem', 'not_a_big_problem', 'Not a very big problem'),
            ('problem', 'no_problem', 'Not a problem at all'),
            ('problem', 'unsure', 'Not sure')
    ),
    question(nth, strand, question_id, question_text, scale, weights) as (
        select
            nth,
            'adult',
            'support_' || priority_id,
            'Do you agree that this should be a priority: ' || priority_name || '?',
            'agree',
            if(nth <= 2, [93, 3, 4], [84, 6, 10])
        from priority
        where nth <= 4
        union all
        values
            (
                6,
                'adult',
                'safe_by_day',
                'How safe do you feel where you live by day?',
                'safe',
                [34, 43, 10, 9, 4]
            ),
            (
                7,
                'adult',
                'safe_after_dark',
                'How safe do you feel where you live after dark?',
                'safe',
                [10, 31, 15, 25, 19]
            ),
            (
                8,
                'adult',
                'asb_problem',
                'How much of a problem is anti-social behaviour where you live?',
                'problem',
                [22, 31, 30, 11, 6]
            ),
            (
                9,
                'school',
                'safe_at_school',
                'How safe do you feel at school?',
                'safe',
                [41, 42, 9, 6, 2]
            ),
            (
                10,
                'school',
                'safe_on_way_to_school',
                'How safe do you feel on the way to and from school?',
                'safe',
                [24, 44, 15, 12, 5]
            ),
            (
                11,
                'school',
                'knows_who_to_tell',
                'Would you know whom to tell if you were worried?',
                'agree',
                [79, 9, 12]
            )
    ),
    chosen as (
        select
            asked_person.*,
            question.nth,
            question.question_id,
            question.question_text,
            scale.answer_code,
            scale.answer_label,
            null::integer as rank
        from asked_person
        inner join question on question.strand = asked_person.strand
        inner join
            scale
            on scale.scale = question.scale
            and scale.answer_code = weighted(
                case
                    question.scale
                    when 'agree'
                    then ['yes', 'no', 'unsure']
                    when 'safe'
                    then ['very_safe', 'fairly_safe', 'neither', 'fairly_unsafe', 'very_unsafe']
                    else
                        [
                            'very_big_problem',
                            'fairly_big_problem',
                            'not_a_big_problem',
                            'no_problem',
                            'unsure'
                        ]
                end,
                question.weights,
                u(asked_person.who || question.question_id, 'answer')
            )
        where u(asked_person.who || question.question_id, 'given') >= 0.03
    ),
    -- Three of ten, drawn one after the other by their weights.
    ranked as (
        select
            asked_person.*,
            5 as nth,
            'rank_priorities' as question_id,
            'Which three should come first? Put them in order.' as question_text,
            priority.priority_id as answer_code,
            priority.priority_name as answer_label,
            row_number() over (
                partition by asked_person.who
                order by - ln(u(asked_person.who || priority.priority_id, 'rank')) / priority.weight
            )::integer as rank
        from asked_person
        cross join priority
        where asked_person.strand = 'adult' and u(asked_person.who, 'ranks') >= 0.05
    ),
    answer as (
        select *
        from chosen
        union all
        select *
        from ranked
        where rank <= 3
    )
select
    respondent_key,
    strand,
    mode,
    venue_type,
    question_id,
    question_text,
    answer_code,
    answer_label,
    rank,
    ward_code,
    age_band
from answer
order by respondent_key, nth, rank
