-- One row per priority: what people asked for in the newest consultation, beside what the record
-- says of the priority's headline measure in its newest known strategy year.
with
    newest as (select max(edition) as edition from {{ ref("consultation_answer") }}),

    ranked as (
        select
            answers.answer_code as priority_id,
            answers.base,
            answers.respondents,
            answers.first_choices,
            rank() over (order by answers.respondents desc) as public_rank
        from {{ ref("consultation_answer") }} as answers
        inner join newest on newest.edition = answers.edition
        where
            answers.question_id = 'rank_priorities'
            and answers.strand = 'adult'
            and answers.mode = 'all'
            and answers.missing_reason is null
    ),

    support as (
        select
            replace(answers.question_id, 'support_', '') as priority_id,
            answers.base,
            answers.share_of_respondents
        from {{ ref("consultation_answer") }} as answers
        inner join newest on newest.edition = answers.edition
        where
            answers.question_id like 'support!_%' escape '!'
            and answers.answer_code = 'yes'
            and answers.strand = 'adult'
            and answers.mode = 'all'
    ),

    headline as (
        select *
        from {{ ref("priority_change") }}
        where is_headline and period_type = 'strategy_year' and "count" is not null
        qualify row_number() over (partition by priority_id order by strategy_year desc) = 1
    ),

    -- What the record alone would put first. Only changes of more than chance move a priority up or
    -- down: those between are not told apart and share the ranks that they fill.
    classed as (
        select
            priority_id,
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
        from headline
    ),

    record_order as (
        select
            priority_id,
            rank() over (order by record_class, moved_by desc nulls last) as record_rank,
            count(*) over (partition by record_class, moved_by) as sharing
        from classed
    ),

    orders as (
        select
            'all' as family,
            ranked.priority_id as item,
            ranked.public_rank as first,
            record_order.record_rank as second
        from ranked
        inner join record_order on record_order.priority_id = ranked.priority_id
    ),

    together as (select * from rank_agreement('orders'))

select
    cast(priority.priority_id as varchar) as priority_id,
    cast(priority.priority_name as varchar) as priority_name,
    cast(newest.edition as varchar) as edition,
    cast(ranked.base as integer) as respondents_who_ranked,
    cast(ranked.respondents as integer) as named_among_three,
    cast(ranked.first_choices as integer) as named_first,
    cast(ranked.public_rank as integer) as public_rank,
    cast(support.base as integer) as respondents_on_support,
    cast(support.share_of_respondents as double) as share_of_respondents_in_support,
    cast(headline.measure_id as varchar) as measure_id,
    cast(headline.strategy_year as varchar) as strategy_year,
    cast(headline."count" as bigint) as "count",
    cast(headline.change_percent as double) as change_percent,
    cast(headline.finding as varchar) as finding,
    cast(record_order.record_rank as integer) as record_rank,
    cast(
        case
            when ranked.public_rank is null or record_order.record_rank is null
            then 'cannot be compared'
            -- Ranks that so many share leave no place that would be another.
            when
                record_order.sharing > 1
                and record_order.record_rank - rank_tolerance() <= 1
                and record_order.record_rank + record_order.sharing - 1 + rank_tolerance()
                >= (select count(*) from ranked)
            then 'cannot be judged'
            when ranked.public_rank < record_order.record_rank - rank_tolerance()
            then 'people put it higher than the record'
            when
                ranked.public_rank
                > record_order.record_rank + record_order.sharing - 1 + rank_tolerance()
            then 'the record puts it higher than people'
            else 'agree'
        end as varchar
    ) as agreement,
    cast(together.kendall_tau as double) as kendall_tau,
    cast(together.kendall_lower as double) as kendall_lower,
    cast(together.kendall_upper as double) as kendall_upper,
    cast(together.finding as varchar) as agreement_of_orders,
    cast(run.is_synthetic as boolean) as is_synthetic
from {{ ref("dim_priority") }} as priority
cross join newest
cross join {{ source("manifest", "run") }} as run
left join ranked on ranked.priority_id = priority.priority_id
left join support on support.priority_id = priority.priority_id
left join headline on headline.priority_id = priority.priority_id
left join record_order on record_order.priority_id = priority.priority_id
left join together on together.family = 'all'
order by priority.sort_order
