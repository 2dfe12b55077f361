"""What tests of nights look at: published bytes, tables and counts."""

import duckdb

from orchestration.core.files import sha256_of

STREET = "police/{month}-staffordshire-street.csv"


def published(settings):
    """A reader of the published database as it is now, whatever is published later."""
    return duckdb.connect(str((settings.published / "warehouse.duckdb").resolve()), read_only=True)


def published_bytes(settings):
    return {
        path.relative_to(settings.published.resolve()).as_posix(): sha256_of(path)
        for path in settings.published.resolve().rglob("*")
        if path.is_file()
    }


def published_parquet(settings):
    """The tables' own files: a database holds the same in bytes that are laid out by chance."""
    found = published_bytes(settings)
    return {name: sha for name, sha in found.items() if name.endswith(".parquet")}


def tables_of(settings, *, without=("received_at",)):
    """Every published row, as sorted text, less the moments that differ between runs."""
    found = {}
    with published(settings) as c:
        for schema, table in c.sql(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall():
            columns = [row[0] for row in c.sql(f'describe "{schema}"."{table}"').fetchall()]
            kept = ", ".join(f'"{name}"' for name in columns if name not in without)
            found[f"{schema}.{table}"] = c.sql(
                f"select md5(string_agg(line, chr(10) order by line)) from "
                f'(select row({kept})::varchar as line from "{schema}"."{table}")'
            ).fetchone()[0]
    return found


def count_of(settings, month, measure="police_asb_incidents"):
    with published(settings) as c:
        return c.execute(
            'select "count", missing_reason from marts.fct_measure where measure_id = ? '
            "and area_type = 'city' and period_type = 'month' and period_start = ?",
            [measure, f"{month}-01"],
        ).fetchone()
