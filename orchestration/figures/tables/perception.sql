-- One row per priority: what people asked for in the newest consultation by the year's end, beside
-- what the record says of the year.
-- The rules are those of marts.perception_and_record, which looks at the newest year there is; an
-- edition looks at its own.
with
    newest as (
        select max(edition) as edition
        from marts.consultation_answer
        where edition <= cast(year(cast($year_end as date)) as varchar)
    ),
    answers as (
        select consultation.*
        from marts.consultation_answer as consultation
        inner join newest on newest.edition = consultation.edition
        where consultation.strand = 'adult' and consultation.mode = 'all'
    ),
    ranked as (
        select *, rank() over (order by respondents desc) as public_rank
        from answers
        where question_id = 'rank_priorities' and missing_reason is null
    ),
    support as (
        select replace(question_id, 'support_', '') as priority_id, base, share_of_respondents
        from answers
        where question_id like 'support!_%' escape '!' and answer_code = 'yes'
    ),
    headline as (
        select
            *,
            -- Only changes beyond chance move a priority up or down.
            case
                when change_is_significant and verdict = 'worse'
                then 1
                when change_is_significant and verdict = 'neither' and finding in ('more', 'higher')
                then 2
                when not coalesce(change_is_significant, false)
                then 3
                else 4
            end as record_class,
            case when change_is_significant then change_percent end as moved_by
        from marts.priority_change
        where
            is_headline
            and "count" is not null
            and period_type = 'strategy_year'
            and strategy_year = $year
    ),
    record as (
        select
            *,
            rank() over (order by record_class, moved_by desc nulls last) as record_rank,
            count(*) over (partition by record_class, moved_by) as sharing
        from headline
    )
select
    priority.priority_id,
    priority.priority_name,
    newest.edition as consultation_edition,
    ranked.base as respondents_who_ranked,
    ranked.respondents as named_among_three,
    ranked.first_choices as named_first,
    cast(ranked.public_rank as integer) as public_rank,
    support.base as respondents_on_support,
    support.share_of_respondents as share_of_respondents_in_support,
    record.measure_id as headline_measure_id,
    record.strategy_year as record_year,
    record."count" as record_count,
    record.change_percent as record_change_percent,
    record.finding as record_finding,
    cast(record.record_rank as integer) as record_rank,
    case
        when ranked.public_rank is null or record.record_rank is null
        then 'cannot be compared'
        -- Ranks that so many share leave no place that would be another.
        when
            record.sharing > 1
            and record.record_rank - 2 <= 1
            and record.record_rank + record.sharing + 1 >= (select count(*) from ranked)
        then 'cannot be judged'
        when ranked.public_rank < record.record_rank - 2
        then 'people put it higher than the record'
        when ranked.public_rank > record.record_rank + record.sharing + 1
        then 'the record puts it higher than people'
        else 'agree'
    end as agreement
from marts.dim_priority as priority
cross join newest
left join ranked on ranked.answer_code = priority.priority_id
left join support on support.priority_id = priority.priority_id
left join record on record.priority_id = priority.priority_id
order by priority.priority_id
