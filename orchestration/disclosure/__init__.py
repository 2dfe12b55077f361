"""Disclosure control of what is published, and its audit: counts of few people stay unknown."""

# The door: what other rooms may use.
__all__ = ["allow_list", "attack", "cache", "cells", "control", "protect", "publish"]
