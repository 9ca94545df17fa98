"""The language of derivations: LaTeX of a stated grammar, read into trees."""
