"""Exact numbers: rationals, real number fields, balls, real roots of polynomials."""
