"""What an edition is handed over as: a workbook for readers, files for programs."""

# The door: what other rooms may use.
__all__ = ["data_files", "ods", "typed_tables", "workbook"]
