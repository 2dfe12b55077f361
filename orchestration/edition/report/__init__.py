"""The report of an edition: one HTML page, a PDF of the same page, and the quality page."""
