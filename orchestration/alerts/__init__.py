"""Alerts: one digest a night for each who has to know, by e-mail or webhook."""
