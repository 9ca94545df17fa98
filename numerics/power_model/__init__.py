"""The seed paper's model in floating point: gain, first-order functional, searches for both."""
