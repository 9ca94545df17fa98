"""The checker of derivations: exact values, balls, proofs, and what is known of a step."""
