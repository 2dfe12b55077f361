"""A home in which partners got several things wrong, and what is read of the edition made from it."""

import shutil

import duckdb
import openpyxl

from tests.support.commands import csp

A_WEEK_LATER = "2026-11-30T02:00:00+00:00"


class Held:
    """The home, the checkout with its waivers, and `csp` on both."""

    def __init__(self, settings):
        self.settings = settings

    def csp(self, *arguments):
        settings = self.settings
        return csp(
            *arguments, home=settings.home, source=settings.source, project=settings.project,
            CSP_NOW=A_WEEK_LATER,
        )  # fmt: skip


def forget(home, feed, month):
    """Take away whatever was delivered of a feed for a month."""
    for room in ("landing", "raw"):
        for folder in (home / room / feed).glob(f"{month}*"):
            shutil.rmtree(folder)


def workbook_text(path):
    book = openpyxl.load_workbook(path, read_only=True)
    return "\n".join(
        str(value if not hasattr(value, "strftime") else value.strftime("%-d %B %Y"))
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value is not None
    )


def figures_of(folder, variant, table="figures"):
    return duckdb.read_parquet(str(folder / variant / "parquet" / f"{table}.parquet")).df()
