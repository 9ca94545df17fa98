"""Hand derivations whose every step is machine-checked (the checker is not built yet)."""
