"""Speed, memory and size of the library: `python -m benchmarks.NAME` at the repository's root."""

import os

# What TensorFlow reads when it is imported. Quiet. oneDNN's kernels are on by default where the
# processor has AVX-512, and faster elsewhere, too.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
