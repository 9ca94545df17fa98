"""Every law, activation and dependence: one evaluator, by transforms of the law."""
