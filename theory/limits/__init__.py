"""The sparse limit and its neighbours: expansions, one-hot inputs, polygons, other models."""
