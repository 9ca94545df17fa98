"""Exact and symbolic theory of toy models of superposition: no floating point, no NumPy."""
