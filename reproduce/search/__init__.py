"""Bayesian search for the paper's rates (Koch et al. 2015, sec. 3.2)."""
