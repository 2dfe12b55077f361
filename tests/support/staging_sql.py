"""The SQL of the staging models, as dbt compiles it, and what it makes of rows outside a night."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb

from orchestration.core import register
from orchestration.core.settings import PROJECT
from orchestration.transform import dbt
from tests.conftest import settings_at
from tests.support import parsed

_TAXONOMY = PROJECT / "seeds" / "register" / "offence_taxonomy.csv"


@cache
def compiled() -> Mapping[str, str]:
    """The query of every staging model by feed; dbt compiles them once a process."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_at(Path(folder) / "home")
        parsed.lend(settings)
        for place in (settings.warehouse, settings.raw):
            place.mkdir(parents=True, exist_ok=True)
        register.assemble(settings)
        command = ["compile", "--select", "path:models/staging"]
        target = settings.warehouse / "dbt"
        results = dbt._invoke(settings, command, target, dbt._parsed(settings)).result
        return {
            result.node.name.removeprefix("stg_").replace("__", "/"): result.node.compiled_code
            for result in results
            if result.node.resource_type == "model"
        }


def stage(feed: str, parquet: Sequence[Path], months: Mapping[str, str | None], folder: Path):
    """A connection with the feed's rows in `parquet` as the table `staged`.

    `months` are the first months of the deliveries that count, by delivery; null in an edition.
    `folder` is an empty one to work in.
    """
    rows = folder / feed / "all"
    rows.mkdir(parents=True)
    for number, path in enumerate(parquet):
        (rows / f"{number}.parquet").symlink_to(path)
    (folder / "_manifest").mkdir()
    connection = duckdb.connect()
    connection.execute(f"set file_search_path = '{folder}'")
    connection.execute(
        "copy (select $feed as feed, unnest($names) as delivery_id, true as is_current, "
        "unnest($months) as first_month, now()::timestamp as received_at, false as is_synthetic) "
        f"to '{folder}/_manifest/deliveries.parquet' (format parquet)",
        {"feed": feed, "names": list(months), "months": list(months.values())},
    )
    connection.execute(
        "create table offence_taxonomy as select * replace (cast(valid_from as date) as valid_from, "
        f"cast(valid_to as date) as valid_to) from read_csv('{_TAXONOMY}')"
    )
    sql = re.sub(r'"\w+"\."\w+"\."offence_taxonomy"', "offence_taxonomy", compiled()[feed])
    connection.execute(f"create table staged as {sql}")
    return connection
