"""What users hand in: names, constraints, importances, weights and files, read as data."""
