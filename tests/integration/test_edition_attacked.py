"""An outsider with the issued public edition and open series knows no count of few better than allowed."""

import duckdb
import pytest

from tests.support import outsider
from tests.support.editions import FIRST, PUBLIC, SECOND, SENSITIVE


@pytest.mark.parametrize("year", [FIRST, SECOND])
def test_no_claim_of_the_outsider_is_right(issued_home, year):
    """Where two publishers disagree by a row or two he claims things that are not so; nobody knows which."""
    folder = issued_home.editions / year / "v1"
    claims = outsider.claims(folder / PUBLIC)
    with duckdb.connect() as connection:
        connection.register("claims", claims)
        connection.read_parquet(str(folder / SENSITIVE / "parquet" / "figures.parquet")).create("t")
        right = connection.execute(
            "select claims.* from claims inner join t on claims.name = concat_ws('|', measure_id, area_type,"
            " area_code, period_type, strftime(period_start, '%Y-%m-%d'))"
            " where if(item = 'count', \"count\", t.denominator) between low and high"
        ).fetchall()
    assert right == []
