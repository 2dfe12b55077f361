-- The binding equations: all except those that the true counts do not satisfy.
select * from term anti join untrue using (relation)
