"""The seed paper's model, arXiv:2606.18538: gain, first order, designs, bounds."""
