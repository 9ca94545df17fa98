"""Floating-point numerics of toy models of superposition: no SymPy, no formula of ``theory``."""
