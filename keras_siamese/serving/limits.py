"""What a served graph takes in a request; the command line names it, without TensorFlow."""

# Images of an input, and height times width of a file, unless `export` is told otherwise.
MAX_IMAGES = 256
MAX_PIXELS = 16_000_000
# The graph counts in int32.
LARGEST_COUNT = 2**31 - 1
