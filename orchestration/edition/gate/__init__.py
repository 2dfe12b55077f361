"""Gate 3: whether a strategic assessment may be issued. Checks, waivers and one verdict.

Everything here is a function of frames and plain data. What is not said is a no: a check that is
missing, stale, in error or that looked at nothing holds the assessment as surely as one that failed.
"""
