"""The analyst's part of an assessment: commentary, judged scores and recorded gaps."""

# The door: what other rooms may use.
__all__ = ["analyst_files", "plain_text", "ranking"]
