"""The numbers that others print for the tasks of the studies, as fractions, by protocol."""

from __future__ import annotations

from typing import NamedTuple

from reproduce.published import BORROWED, TABLE_2, TABLE_3

# Accuracy on Lake's official runs as it is printed (BPL: Lake et al. 2015; ARC: Shyam et al. 2017).
# With context, ARC sees all twenty candidates of a trial at once.
OFFICIAL_RUNS = {
    "Koch et al.": TABLE_2["koch"],
    "people": BORROWED["humans"],
    "BPL": 0.967,
    "ARC without context": 0.9775,
    "ARC with context": 0.985,
}


# 10-way one-shot accuracy on MNIST after training on Omniglot, on other trials each.
MNIST = {"Koch et al.": TABLE_3["reduced"], "Edwards and Storkey": 0.786}


class Published(NamedTuple):
    """What others print for one protocol.

    Attributes:
        what: The method.
        values: Accuracy, a fraction for each column of the protocol's table; None where not given.
        source: Who prints it, in Markdown.
        how: What a reader must know to compare it.
    """

    what: str
    values: tuple[float | None, ...]
    source: str
    how: str


KOCH = "[Koch et al. 2015](https://www.cs.cmu.edu/~rsalakhu/papers/oneshot1.pdf)"
KOCH_TABLE_2 = f"{KOCH}, table 2"
LAKE = "[Lake et al. 2015](https://doi.org/10.1126/science.aab3050)"
LAKE_2019 = "listed by [Lake et al. 2019](https://arxiv.org/abs/1902.03477)"
FEINMAN = "[Feinman and Lake 2020](https://arxiv.org/abs/2006.14448)"
SHYAM = "[Shyam et al. 2017](https://arxiv.org/abs/1703.00767)"
SNELL = "[Snell et al. 2017](https://arxiv.org/abs/1703.05175)"
VALMADRE = "[Valmadre, omniglot-eval](https://github.com/jvlmdr/omniglot-eval)"
LAKE_DEMO = "[Lake, Omniglot's demo](https://github.com/brendenlake/omniglot)"
# Lake's 20 runs, 400 trials. What Koch et al. take from others is in their table 2.
OFFICIAL = (
    Published(
        "ARC with context",
        (OFFICIAL_RUNS["ARC with context"],),
        SHYAM,
        "compares the query with all twenty candidates at once",
    ),
    Published(
        "ARC without context",
        (OFFICIAL_RUNS["ARC without context"],),
        SHYAM,
        "compares one candidate at a time, as a siamese network does",
    ),
    Published("BPL", (OFFICIAL_RUNS["BPL"],), LAKE, "learned from strokes, not from images alone"),
    Published("people", (OFFICIAL_RUNS["people"],), LAKE, ""),
    Published("generative neuro-symbolic model", (0.943,), FEINMAN, "learned from strokes"),
    Published("recursive cortical network", (0.927,), LAKE_2019, ""),
    Published("prototypical network", (0.863,), LAKE_2019, ""),
    Published(
        "hierarchical Bayesian program learning",
        (BORROWED["hierarchical Bayesian program learning"],),
        KOCH_TABLE_2,
        "learned from strokes",
    ),
    Published("convolutional siamese network", (TABLE_2["koch"],), KOCH_TABLE_2, ""),
    Published("convolutional network", (0.865,), LAKE, ""),
    Published("affine model", (BORROWED["affine model"],), KOCH_TABLE_2, ""),
    Published("hierarchical deep", (BORROWED["hierarchical deep"],), KOCH_TABLE_2, ""),
    Published("deep Boltzmann machine", (BORROWED["deep Boltzmann machine"],), KOCH_TABLE_2, ""),
    Published("modified Hausdorff distance", (0.612,), LAKE_DEMO, "learns nothing"),
    Published("siamese network without convolutions", (TABLE_2["dense"],), KOCH_TABLE_2, ""),
    Published("simple stroke", (BORROWED["simple stroke"],), KOCH_TABLE_2, "learned from strokes"),
    Published("nearest neighbour", (TABLE_2["nearest neighbour"],), KOCH_TABLE_2, "learns nothing"),
)
# 20-way 1-shot, 20-way 5-shot, 5-way 1-shot, 5-way 5-shot.
KINDS = ("20-way, 1-shot", "20-way, 5-shot", "5-way, 1-shot", "5-way, 5-shot")
# Random trials of the 20 evaluation alphabets.
DRAWN = {
    "within-alphabet": Published(
        "siamese network, cosine", (0.758, 0.872, 0.905, 0.958), VALMADRE, "own random trials"
    ),
    "across-alphabets": Published(
        "siamese network, cosine", (0.893, 0.964, 0.965, 0.989), VALMADRE, "own random trials"
    ),
}
# Trials across alphabets of the split of Vinyals et al. 2016, as Snell et al. 2017 list them.
VINYALS_SPLIT = (
    Published("prototypical networks", (0.960, 0.989, 0.988, 0.997), SNELL, ""),
    Published("MAML", (0.958, 0.989, 0.987, 0.999), SNELL, "tuned on each trial's support set"),
    Published("matching networks", (0.938, 0.985, 0.981, 0.989), SNELL, ""),
    Published("neural statistician", (0.932, 0.981, 0.981, 0.995), SNELL, ""),
)
