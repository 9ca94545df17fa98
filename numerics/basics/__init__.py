"""What every room of this side stands on: compiler, checked input, exact Gram entries, descent."""
