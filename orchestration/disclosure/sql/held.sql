-- The equations that bound: all but those that the true counts do not keep.
select * from term anti join untrue using (relation)
