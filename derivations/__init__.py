"""Hand derivations whose every step is machine-checked."""
