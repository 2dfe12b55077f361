"""The analyst's part of an assessment: commentary, judged scores and recorded gaps."""

# The public interface: what other packages may use.
__all__ = ["analyst_files", "plain_text", "ranking"]
