"""Where a number comes from: the figure, its definition, the deliveries, models and gates behind it.

Answers for every measure, area and period that is published, and by the name of a table of the
edition for figures that are of no measure. Reads the published database, its manifest and dbt's;
never an extract, and so never a personal value.
"""

from orchestration.explain.answer import Explanation, explain, of_published, text
from orchestration.explain.queries import ExplainError

__all__ = ["ExplainError", "Explanation", "explain", "of_published", "text"]
