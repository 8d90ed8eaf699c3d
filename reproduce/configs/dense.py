"""The non-convolutional net of table 2 at 35x35, on the pairs of the convolutional one.

Command: python reproduce/run_paper.py --table 2 --cell dense

Rates as for the convolutional net; they were not searched for this one.
"""

from reproduce.configs.reduced import CONFIG as REDUCED

CONFIG = REDUCED.override(
    name="dense-35-150k-x8", encoder="dense", encoder_options={}, num_pairs=150_000
)
