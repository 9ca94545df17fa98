"""The best arrangement found, evaluated by the oracle, named and described."""
