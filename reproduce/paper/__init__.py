"""The paper's own networks: data, training, scores, and the jobs that fill its tables."""
