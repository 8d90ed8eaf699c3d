"""Plots of the reproduction, from JSON alone."""
