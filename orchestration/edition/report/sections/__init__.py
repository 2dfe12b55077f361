"""The parts of the report: each returns plain values that a template prints."""

__all__ = [
    "chart_sources",
    "consultation_and_plan",
    "decisions",
    "front",
    "main_points",
    "measures",
    "methods",
    "partners",
    "places",
    "priority",
    "ranking",
    "revisions",
    "standing_out",
    "statement",
    "statutory",
]
