-- Upper limits of rates as limits of the count itself.
select *, 'count' as item, shown as value, rate_limit * people / rate_per as limit_count
from printed
where rate_limit is not null and people > 0 and not is_exact and not has_base
