"""Claims by subject, each with a check by two routes; ``theory.claims`` is their door."""
