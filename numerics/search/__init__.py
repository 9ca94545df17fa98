"""Searches without constraints: starts, descent, Newton's method, what they ended at."""
