"""How the error falls with the pairs that a training sees, and what the paper's would take."""
