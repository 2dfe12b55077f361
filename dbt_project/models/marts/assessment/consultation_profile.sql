-- One row per edition, strand, kind of respondent (by ward, age band, place of asking), question
-- and
-- answer: who answered, and how each kind answered. The rows of question “respondents” are the
-- profile
-- of
-- all who took part, beside the residents where these are known by ward. Never two kinds at once:
-- the
-- contract agrees none by ward and age together.
with
    answers as (
        select
            responses.edition,
            responses.strand,
            responses.respondent_key,
            responses.question_id,
            responses.question_text,
            responses.answer_code,
            responses.answer_label,
            responses.answer_rank,
            responses.venue_type,
            responses.age_band,
            wards.ward_code
        from {{ ref("stg_council__consultation_responses") }} as responses
        -- A ward of elsewhere, or of another time, is no ward of today.
        left join
            (select distinct ward_code from {{ ref("int_lsoa") }}) as wards
            on wards.ward_code = responses.ward_code
        where responses.reject_reason is null
    ),

    kinds as (
        select *, 'ward' as dimension, coalesce(ward_code, 'not known') as profile_value
        from answers
        union all
        select *, 'age_band', coalesce(age_band, 'not known')
        from answers
        union all
        select *, 'venue', coalesce(venue_type, 'not known')
        from answers
    ),

    answered as (
        select
            edition,
            strand,
            dimension,
            profile_value,
            question_id,
            min(question_text) as question_text,
            answer_code,
            min(answer_label) as answer_label,
            count(distinct respondent_key) as respondents,
            bool_or(answer_rank is not null) as has_several_answers
        from kinds
        group by edition, strand, dimension, profile_value, question_id, answer_code
    ),

    bases as (
        select
            edition,
            strand,
            dimension,
            profile_value,
            question_id,
            count(distinct respondent_key) as base
        from kinds
        group by 1, 2, 3, 4, 5
    ),

    took_part as (
        select
            edition, strand, dimension, profile_value, count(distinct respondent_key) as respondents
        from kinds
        group by 1, 2, 3, 4
    ),

    residents as (
        select
            lsoa.ward_code,
            sum(population.population)
            / sum(sum(population.population)) over () as share_of_residents
        from {{ ref("int_population") }} as population
        inner join {{ ref("int_lsoa") }} as lsoa on lsoa.lsoa_2021_code = population.lsoa_2021_code
        where population.mid_year = (select max(mid_year) from {{ ref("int_population") }})
        group by lsoa.ward_code
    ),

    told as (
        select answered.*, bases.base, cast(null as double) as share_of_residents, 1 as kind_of_row
        from answered
        inner join bases using (edition, strand, dimension, profile_value, question_id)
        union all
        select
            took_part.edition,
            took_part.strand,
            took_part.dimension,
            took_part.profile_value,
            'respondents',
            'Who took part',
            'all',
            'All who took part',
            took_part.respondents,
            false,
            sum(took_part.respondents) over (
                partition by took_part.edition, took_part.strand, took_part.dimension
            ),
            residents.share_of_residents,
            0
        from took_part
        left join
            residents
            on residents.ward_code = took_part.profile_value
            and took_part.dimension = 'ward'
    ),

    -- A kind that fewer than so many belong to is withheld, and so is what they answered.
    judged as (
        select
            *,
            case
                when kind_of_row = 0
                then respondents < minimum_respondents()
                else base < minimum_respondents()
            end as is_too_small
        from told
    )

select
    cast(judged.edition as varchar) as edition,
    cast(judged.strand as varchar) as strand,
    cast(judged.dimension as varchar) as dimension,
    cast(judged.profile_value as varchar) as profile_value,
    cast(judged.question_id as varchar) as question_id,
    cast(judged.question_text as varchar) as question_text,
    cast(judged.answer_code as varchar) as answer_code,
    cast(judged.answer_label as varchar) as answer_label,
    cast(case when not judged.is_too_small then judged.respondents end as integer) as respondents,
    cast(
        case when not judged.is_too_small or judged.kind_of_row = 0 then judged.base end as bigint
    ) as base,
    case
        when not judged.is_too_small
        then rate_of(judged.respondents, cast(judged.base as double), 1)
    end as share_of_respondents,
    case
        when not judged.is_too_small
        then rate_lower_of(judged.respondents, cast(judged.base as double), 1, true)
    end as share_lower,
    case
        when not judged.is_too_small
        then rate_upper_of(judged.respondents, cast(judged.base as double), 1, true)
    end as share_upper,
    cast(judged.share_of_residents as double) as share_of_residents,
    cast(case when judged.is_too_small then 'base_too_small' end as varchar) as missing_reason,
    cast(judged.has_several_answers as boolean) as has_several_answers,
    cast(run.is_synthetic as boolean) as is_synthetic
from judged
cross join {{ source("manifest", "run") }} as run
order by edition, strand, dimension, profile_value, question_id, answer_code
