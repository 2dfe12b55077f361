"""The report of an edition: one HTML page, a PDF of the same page, and the quality page."""

# The public interface: what other packages may use.
__all__ = ["html", "pdf", "quality"]
