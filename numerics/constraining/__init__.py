"""Constraints made ready for a solver, the solver, and residuals from their definitions."""
