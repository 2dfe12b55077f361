-- One row per place in which a cell is printed: the shown count and base, a rate or limit that
-- reveals the count, and why it is not shown.
with
    -- Tables of the whole area by period.
    of_the_city as (
        select
            'years' as source,
            measure_id,
            period_type,
            period_start,
            "count" as shown,
            denominator as shown_base,
            rate,
            rate_upper as rate_limit,
            suppressed as reason,
            is_rounded
        from years
        union all by name
        select
            'headline' as source,
            t.measure_id,
            'strategy_year' as period_type,
            y.starts_on as period_start,
            t."count" as shown,
            t.denominator as shown_base,
            t.rate,
            t.rate_upper as rate_limit,
            t.suppressed as reason,
            t.is_rounded
        from headline as t
        cross join year as y
        union all by name
        select
            'headline before' as source,
            t.measure_id,
            'strategy_year' as period_type,
            y.starts_on - interval 1 year as period_start,
            t.previous_count as shown,
            t.previous_suppressed as reason,
            t.is_rounded
        from headline as t
        cross join year as y
        where t.comparison_missing_reason is null
        union all by name
        select
            'decomposition' as source,
            t.measure_id,
            'strategy_year' as period_type,
            y.starts_on as period_start,
            t."count" as shown,
            t.suppressed as reason,
            t.is_rounded
        from decomposition as t
        cross join year as y
        union all by name
        select
            'decomposition before' as source,
            t.measure_id,
            'strategy_year' as period_type,
            y.starts_on - interval 1 year as period_start,
            t.previous_count as shown,
            t.suppressed as reason,
            t.is_rounded
        from decomposition as t
        cross join year as y
        where t.previous_count is not null
        union all by name
        select
            'needs_assessment' as source,
            measure_id,
            period_type,
            period_start,
            "count" as shown,
            denominator as shown_base,
            rate,
            rate_upper as rate_limit,
            suppressed as reason,
            is_rounded
        from needs_assessment
        where period_start is not null
        union all by name
        select
            'needs_assessment before' as source,
            measure_id,
            period_type,
            period_start - interval 1 year as period_start,
            previous_count as shown,
            previous_suppressed as reason,
            is_rounded
        from needs_assessment
        where period_start is not null and comparison_missing_reason is null
        union all by name
        select
            'monthly' as source,
            measure_id,
            'month' as period_type,
            month_start as period_start,
            "count" as shown,
            suppressed as reason,
            is_rounded
        from monthly
        union all by name
        select
            'rolling' as source,
            measure_id,
            'rolling_12m' as period_type,
            date_trunc('month', period_end) - interval 11 month as period_start,
            "count" as shown,
            suppressed as reason,
            is_rounded
        from rolling
        union all by name
        select
            'case_reviews' as source,
            measure_id,
            'strategy_year' as period_type,
            year_starts(strategy_year) as period_start,
            "count" as shown,
            suppressed as reason,
            is_rounded
        from case_reviews
        union all by name
        select
            'cross_check' as source,
            measure_id,
            'strategy_year' as period_type,
            year_starts(strategy_year) as period_start,
            "count" as shown,
            suppressed as reason,
            is_rounded
        from cross_check
        union all by name
        select
            'concentration' as source,
            measure_id,
            'strategy_year' as period_type,
            year_starts(strategy_year) as period_start,
            "count" as shown,
            suppressed as reason,
            is_rounded
        from concentration
        union all by name
        select
            'perception' as source,
            headline_measure_id as measure_id,
            'strategy_year' as period_type,
            year_starts(record_year) as period_start,
            record_count as shown,
            suppressed as reason,
            is_rounded
        from perception
        where record_year is not null
        union all by name
        select
            'wards city_rate' as source,
            t.measure_id,
            'strategy_year' as period_type,
            y.starts_on as period_start,
            max(t.city_rate) as rate,
            true as is_rounded
        from wards as t
        cross join year as y
        where t.city_rate is not null
        group by t.measure_id, y.starts_on
    ),
    -- Tables of one year by place.
    of_the_year as (
        select
            'wards' as source,
            measure_id,
            'ward' as area_type,
            ward_code as area_code,
            "count" as shown,
            denominator as shown_base,
            rate,
            rate_upper as rate_limit,
            suppressed as reason,
            is_rounded
        from wards
        union all by name
        select
            'lsoas' as source,
            measure_id,
            'lsoa' as area_type,
            lsoa_2021_code as area_code,
            "count" as shown,
            denominator as shown_base,
            rate,
            suppressed as reason,
            is_rounded
        from lsoas
        union all by name
        select
            'unplaced' as source,
            measure_id,
            'unplaced' as area_type,
            line_code as area_code,
            "count" as shown,
            suppressed as reason,
            is_rounded
        from unplaced
        union all by name
        select
            'peers' as source,
            measure_id,
            'city' as area_type,
            area_code,
            "count" as shown,
            denominator as shown_base,
            rate,
            rate_upper as rate_limit,
            suppressed as reason,
            is_rounded
        from peers
        where is_own_area
        union all by name
        select
            'profiles' as source,
            measure_id,
            profile_area(dimension) as area_type,
            profile_value as area_code,
            "count" as shown,
            denominator as shown_base,
            rate,
            suppressed as reason,
            is_rounded
        from profiles
        union all by name
        -- A share and what it is over are the count.
        select
            'profiles share' as source,
            measure_id,
            profile_area(dimension) as area_type,
            profile_value as area_code,
            cast(round(share * known) as bigint) as shown,
            suppressed as reason
        from profiles
        where share is not null and known is not null
        union all by name
        select distinct
            'profiles known' as source,
            measure_id,
            profile_area(dimension) as area_type,
            '' as area_code,
            coalesce(known, cast(round(known_share * base) as bigint)) as shown
        from profiles
        union all by name
        select distinct
            'profiles base' as source,
            measure_id,
            'city' as area_type,
            city.area_code,
            base as shown,
            true as is_rounded
        from profiles
        cross join city
        where base is not null
    )

select
    'figures' as source,
    measure_id,
    area_type,
    area_code,
    period_type,
    period_start,
    "count" as shown,
    denominator as shown_base,
    rate,
    suppressed as reason,
    is_rounded
from figures
union all by name
select
    'before' as source,
    measure_id,
    area_type,
    area_code,
    period_type,
    period_start,
    "count" as shown,
    denominator as shown_base,
    rate,
    suppressed as reason,
    is_rounded
from "before"
union all by name
select t.*, 'city' as area_type, city.area_code
from of_the_city as t
cross join city
union all by name
select t.*, 'strategy_year' as period_type, y.starts_on as period_start
from of_the_year as t
cross join year as y
