"""The forms in which an edition is delivered: a workbook for readers, data files for programs."""

# The public interface: what other packages may use.
__all__ = ["data_files", "ods", "typed_tables", "workbook"]
