-- One row per priority: what people asked for beside what the record says.
select * exclude (is_synthetic) from marts.perception_and_record order by priority_id
