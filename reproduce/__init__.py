"""Reproduction of Koch et al. 2015; imports keras_siamese, never the reverse."""
