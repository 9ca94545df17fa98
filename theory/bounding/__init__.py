"""Lower bounds on the least loss, each with its proof; ``theory.bounds`` lists them."""
