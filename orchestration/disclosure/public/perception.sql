-- What people asked for beside what the record says, both from shown figures. A record of a year
-- other than the edition's is not shown, since the public headline does not have it.
with
    ranked as (
        select *, rank() over (order by respondents desc) as public_rank
        from public_consultation
        where
            question_id = 'rank_priorities'
            and strand = 'adult'
            and missing_reason is null
            and suppressed is null
    ),
    support as (
        select
            replace(question_id, 'support_', '') as priority_id,
            base,
            share_of_respondents,
            suppressed,
            is_rounded
        from public_consultation
        where question_id like 'support!_%' escape '!' and answer_code = 'yes' and strand = 'adult'
    ),
    -- Only changes beyond chance move a priority up or down (as in the mart).
    classed as (
        select
            *,
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
        from public_headline
        where is_headline and "count" is not null and suppressed is null
    ),
    record as (
        select
            *,
            rank() over (order by record_class, moved_by desc nulls last) as record_rank,
            count(*) over (partition by record_class, moved_by) as sharing
        from classed
    ),
    joined as (
        select
            t.rowid as place,
            ranked.*,
            support.base as support_base,
            support.share_of_respondents as support,
            record."count" as record_count,
            record.change_percent,
            record.finding,
            record.record_rank,
            record.sharing,
            coalesce(ranked.is_rounded, false)
            or coalesce(support.is_rounded, false)
            or coalesce(record.is_rounded, false) as any_rounded,
            case
                when t.named_among_three is not null and ranked.answer_code is null
                then 'derived'
                when support.suppressed is not null
                then 'derived'
                when
                    t.record_count is not null
                    and (t.record_year <> y.label or record.measure_id is null)
                then 'derived'
            end as reason
        from perception as t
        cross join edition_year as y
        left join ranked on ranked.answer_code = t.priority_id
        left join support on support.priority_id = t.priority_id
        left join
            record
            on record.priority_id = t.priority_id
            and record.measure_id = t.headline_measure_id
    )
select
    t.* replace (
        cast(if(reason is null, j.base, null) as integer) as respondents_who_ranked,
        cast(if(reason is null, j.respondents, null) as integer) as named_among_three,
        cast(if(reason is null, j.first_choices, null) as integer) as named_first,
        cast(if(reason is null, j.public_rank, null) as integer) as public_rank,
        cast(if(reason is null, j.support_base, null) as integer) as respondents_on_support,
        if(reason is null, j.support, null) as share_of_respondents_in_support,
        if(reason is null, j.record_count, null) as record_count,
        if(reason is null, j.change_percent, null) as record_change_percent,
        if(reason is null, j.finding, null) as record_finding,
        cast(if(reason is null, j.record_rank, null) as integer) as record_rank,
        case
            when reason is not null or j.public_rank is null or j.record_rank is null
            then 'cannot be compared'
            when
                j.sharing > 1
                and j.record_rank - rank_tolerance() <= 1
                and j.record_rank + j.sharing - 1 + rank_tolerance()
                >= (select count(*) from ranked)
            then 'cannot be judged'
            when j.public_rank < j.record_rank - rank_tolerance()
            then 'people put it higher than the record'
            when j.public_rank > j.record_rank + j.sharing - 1 + rank_tolerance()
            then 'the record puts it higher than people'
            else 'agree'
        end as agreement
    ),
    reason as suppressed,
    reason is null and any_rounded as is_rounded
from perception as t
inner join joined as j on j.place = t.rowid
order by t.rowid
