"""What an edition is handed over as: a workbook for readers, files for programs."""
