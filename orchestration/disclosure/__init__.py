"""Disclosure control of what is published, and its audit: small counts of people stay unknown."""

# The public interface: what other packages may use.
__all__ = ["allow_list", "attack", "cache", "cells", "control", "protect", "publish"]
