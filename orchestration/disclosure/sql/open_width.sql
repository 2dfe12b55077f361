-- How wide a cell's interval can be at most for a reader who has the open totals and nothing of
-- ours.
select cell, min(if(is_known, 0, open_count)) as widest from open_total group by cell
