"""One output of the model at a time: its moments, by every mechanism that is exact."""
