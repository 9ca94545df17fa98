"""The words both sides share, gathered by ``theory.problem``: numbers, laws, constraints ..."""
