"""Networks beyond the paper: recipes, training, scores, and what was tried on the way."""
