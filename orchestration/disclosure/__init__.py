"""Disclosure control of what is published, and its audit: counts of few people stay unknown."""
