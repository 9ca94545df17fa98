"""Profiles of Hypothesis: the same examples in every run, or new ones.

A run of the tests says something about the code, so it draws the same examples each time and two
runs of one commit agree. ``--hypothesis-profile=fresh`` draws new ones: that is a search for
failures, and what it finds becomes an ``@example``.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("fresh", derandomize=False, print_blob=True)
settings.load_profile("same")
