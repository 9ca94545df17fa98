"""Results as text, LaTeX and plain data; formatting only."""
