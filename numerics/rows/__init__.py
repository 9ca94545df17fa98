"""The model on U[0, 1] with ReLU, output by output: compiled Bernoulli series and conditioning."""
