-- One row per feed and first month of a delivery period: the rows of its current deliveries, those
-- that staging rejected and no figure holds, and whether they are too many for any figure of the
-- feed to be shown. Nobody knows which measures a rejected row would have counted in.
with
    feed_rows as (
        select
            staged.feed,
            {{ month_start("deliveries.first_month") }} as period_month,
            count(*) as rows_staged,
            count(*) filter (where {{ is_left_out("staged.reject_reason") }}) as rows_left_out
        from {{ ref("int_staged_row") }} as staged
        inner join
            {{ source("manifest", "deliveries") }} as deliveries
            on deliveries.feed = staged.feed
            and deliveries.delivery_id = staged.delivery_id
        where deliveries.is_current
        group by 1, 2
    )

select
    feed,
    period_month,
    rows_staged,
    rows_left_out,
    {{ too_many_left_out("rows_left_out", "rows_staged") }} as is_incomplete
from feed_rows
