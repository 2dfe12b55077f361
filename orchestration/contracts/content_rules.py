"""Rules of gate 1 on what a file holds as a whole, for every feed alike.

They follow from the columns, as those of `rules` do, and are kept apart from them: they judge a delivery, not
its rows one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orchestration.contracts.model import Column, Rule

REPEATED = "not_repeated"
# A file of 2 x 3 rows stands twice and three times over: only primes need be tried.
_TIMES = (2, 3, 5, 7, 11, 13)


def whole_file_rules(columns: Sequence[Column]) -> Iterable[Rule]:
    """The rules on a delivery as a whole."""
    yield _not_repeated(columns)


def _not_repeated(columns: Sequence[Column]) -> Rule:
    """A file does not repeat itself: an export appended to itself, or every row several times.

    Rows that look alike are real in many feeds. So a file is only said to repeat itself if every row stands
    a multiple of some number of times, and chance does that more rarely than the register allows
    (`repetition_percent`; the gate gives what is left as `_chance_refused`): in its order, by how often two
    of its rows are alike; in any other order, by a half for each different row.
    """
    # Rows in the same place of every stretch have to be alike. They are grouped by their place: a join of
    # lines with those a stretch below makes every pair of a delivery's lines, as DuckDB plans it.
    values = ", ".join(column.name for column in columns)
    times = ", ".join(f"({number})" for number in _TIMES)
    query = f"""
        with lines as (
            select _delivery, hash({values}) as content, _chance_refused,
                row_number() over (partition by _delivery order by _row) as line
            from {{batch}}
        ),
        contents as (
            select _delivery, content, count(*) as copies, max(_chance_refused) as chance
            from lines group by all
        ),
        files as (
            select _delivery, sum(copies)::bigint as line_count, count(*) as different,
                sum(copies * copies) / pow(sum(copies), 2) as alike, max(chance) as chance,
                list_reduce(list(copies), lambda a, b: gcd(a, b)) as shared
            from contents group by _delivery
        ),
        tried as (
            select files.*, times, (files.line_count / times)::bigint as stretch
            from files cross join (values {times}) as numbers(times)
            where shared % times = 0
        ),
        places as (
            select tried._delivery, tried.times, min(lines.content) = max(lines.content) as is_alike
            from tried
            inner join lines on lines._delivery = tried._delivery
            group by tried._delivery, tried.times, (lines.line - 1) % tried.stretch
        ),
        in_order as (
            select tried._delivery
            from tried
            inner join places on places._delivery = tried._delivery and places.times = tried.times
            group by tried._delivery, tried.times
            having bool_and(places.is_alike)
                and pow(max(tried.alike), max(tried.line_count - tried.stretch)) < max(tried.chance)
        )
        select distinct _delivery from in_order
        union
        select _delivery from files where shared > 1 and pow(0.5, different) < chance
    """
    return Rule(
        REPEATED,
        "critical",
        "unexpected_rows_expectation",
        {"unexpected_rows_query": " ".join(query.split())},
        "the file does not repeat itself: not every row stands in it twice, or more often",
    )
