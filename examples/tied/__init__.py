"""The claims of examples/tied_weights.py, one file each."""
