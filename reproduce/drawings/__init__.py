"""The figures of the reproduction, drawn from JSON alone."""
