"""Where a number comes from: the figure, its definition, the deliveries, models and gates behind it.

Answers for every published measure, area and period and, for figures that belong to no measure, by the
name of the edition's table. Reads the published database, its manifest and dbt's manifest; never an
extract, and so never a personal value.
"""

from orchestration.explain.answer import Explanation, explain, of_published, text
from orchestration.explain.queries import ExplainError

__all__ = ["ExplainError", "Explanation", "explain", "of_published", "text"]
