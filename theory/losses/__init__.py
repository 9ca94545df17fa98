"""The expected loss as a whole: exact, enclosed or in closed form, from the outputs."""
