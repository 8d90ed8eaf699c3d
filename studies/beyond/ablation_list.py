"""The ablations beyond the paper: one change each, and what it was expected to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from keras_siamese.data import AffineRanges


@dataclass(frozen=True)
class Change:
    """One change to the base, and what it was expected to do."""

    # What it is, and why it might pay; shown in the table.
    what: str
    expected: str
    size: int = 35
    # Arguments of `ablation_parts.ablation_network`.
    network: dict[str, Any] = field(default_factory=dict)
    # Changes to `EpisodeConfig`, whose base is in `TRAINING`.
    training: dict[str, Any] = field(default_factory=dict)
    augment: tuple[str, ...] = ()
    translation: float = 6.0
    # Drawers of each character in an episode, all compared with each other.
    drawers: int = 2


BASE = {"filters": [32, 64, 128, 256], "pools": [1, 2, 3]}
TRAINING = {
    "compare": "drawers",
    "episodes_per_step": 2,
    "steps": 1200,
    "ema_momentum": 0.99,
    "validate_every": 200,
}
CHANGES = {
    "base": Change("the base: 35x35, 2 episodes per step, 1,200 steps", ""),
    "blocks-4": Change(
        "4 episodes per step, 600 steps", "calmer gradients, half the updates: worse",
        training={"episodes_per_step": 4, "steps": 600},
    ),
    "blocks-1": Change(
        "1 episode per step, 2,300 steps", "twice the updates, noisier: better",
        training={"episodes_per_step": 1, "steps": 2300},
    ),
    "drawers-4": Change(
        "4 drawers of each character, all pairs of drawers compared, 1 episode",
        "three times the comparisons for each encoded image: better",
        training={"episodes_per_step": 1, "steps": 1150}, drawers=4,
    ),
    "muon": Change(
        "4 drawers; steps of Muon for the convolutions, at 10 times the rate; 1,000 steps",
        "all directions of a kernel learn at once, of which few training steps are short: better",
        training={"episodes_per_step": 1, "steps": 1000, "optimizer": "muon"}, drawers=4,
    ),
    "muon-3": Change(
        "4 drawers; steps of Muon for the convolutions, at 3 times the rate; 1,000 steps",
        "slower: worse than at 10 times",
        training={
            "episodes_per_step": 1, "steps": 1000, "optimizer": "muon", "kernel_factor": 3.0,
        },
        drawers=4,
    ),
    "stretched": Change(
        "4 drawers, Muon; whole episodes stretched, sheared and turned by up to 15 degrees",
        "more characters, too few steps to learn them: no better until training is long",
        training={
            "episodes_per_step": 1, "steps": 1000, "optimizer": "muon",
            "episode_distortions": AffineRanges(15.0, 0.4, (0.7, 1.3), 0.0, probability=0.7),
        },
        drawers=4,
    ),
    "features": Change(
        "4 drawers, Muon; no fully-connected layer: the last features' sigmoid is the embedding",
        "nine tenths of the weights gone; a trial by hand came before it: better",
        network={"embedding": "features"},
        training={"episodes_per_step": 1, "steps": 1000, "optimizer": "muon"}, drawers=4,
    ),
    "features-pooled": Change(
        "4 drawers, Muon, no fully-connected layer; a fourth pooling, 1,250 steps",
        "a place in the image matters less; tried by hand before: better",
        network={"embedding": "features", "pools": [1, 2, 3, 4]},
        training={"episodes_per_step": 1, "steps": 1250, "optimizer": "muon"}, drawers=4,
    ),
    "drawers-8": Change(
        "8 drawers of each character, all pairs of drawers compared, 1 episode, 570 steps",
        "seven times the comparisons, half the updates: better still",
        training={"episodes_per_step": 1, "steps": 570}, drawers=8,
    ),
    "40-way": Change(
        "episodes of 40 characters, one per step", "harder trials teach more: better",
        training={"n_way": 40, "episodes_per_step": 1, "steps": 1150},
    ),
    "40-way-drawers-4": Change(
        "episodes of 40 characters by 4 drawers, all pairs of drawers compared, 560 steps",
        "both at once: better than either",
        training={"n_way": 40, "episodes_per_step": 1, "steps": 560}, drawers=4,
    ),
    "across": Change(
        "episodes across alphabets", "easier than what is tested: worse within alphabets",
        training={"protocol": "across-alphabets"},
    ),
    "no-symmetries": Change(
        "episodes not turned or mirrored", "an eighth of the characters: worse",
        training={"symmetries": False},
    ),
    "rate-3": Change(
        "three times the rate (0.003)", "faster at so few steps: better",
        training={"learning_rate": 3e-3},
    ),
    "sigmoid": Change(
        "the paper's cross-entropy over all pairs of an episode",
        "few pairs are the same, and no pair looks at its rivals: worse",
        training={"loss": "sigmoid"},
    ),
    "smoothing": Change(
        "label smoothing of 0.1", "less trust in similar characters: no change so early",
        training={"label_smoothing": 0.1},
    ),
    "no-ema": Change(
        "the last weights, not their average", "noisier at the end: slightly worse",
        training={"ema_momentum": None},
    ),
    "wide": Change(
        "64, 128, 128, 256 filters, 580 steps",
        "learns more a step, costs twice: no better at this budget",
        network={"filters": [64, 128, 128, 256]}, training={"steps": 580},
    ),
    "deep": Change(
        "32, 64, 128, 128, 256, 256 filters, pooled after 1, 2 and 4; 750 steps",
        "more layers at low resolution: better for its cost",
        network={"filters": [32, 64, 128, 128, 256, 256], "pools": [1, 2, 4]},
        training={"steps": 750},
    ),
    "residual": Change(
        "two more convolutions of 256 filters with a skip around each; 700 steps",
        "deeper without harder training: better",
        network={"filters": [32, 64, 128, 256, 256, 256], "residual": True},
        training={"steps": 700},
    ),
    "53": Change(
        "53x53, a fifth convolution of 256 filters after a fourth pooling; 590 steps",
        "finer strokes: better, though half the steps", size=53,
        network={"filters": [32, 64, 128, 256, 256], "pools": [1, 2, 3, 4]},
        training={"steps": 590},
    ),
    "70": Change(
        "70x70, the same encoder; 330 steps",
        "more than the strokes need: worse at this budget", size=70,
        network={"filters": [32, 64, 128, 256, 256], "pools": [1, 2, 3, 4]},
        training={"steps": 330},
    ),
    "105": Change(
        "105x105, a fifth pooling; 140 steps", "as they were drawn: far too few steps", size=105,
        network={"filters": [32, 64, 128, 256, 256], "pools": [1, 2, 3, 4, 5]},
        training={"steps": 140},
    ),
    "normalized": Change(
        "batch normalization instead of the embedding's sigmoid",
        "no saturation: faster", network={"embedding": "normalized"},
    ),
    "dropout": Change(
        "30 % of the features before the embedding dropped",
        "the training does not overfit yet: worse", network={"dropout": 0.3},
    ),
    "cosine": Change(
        "cosine of normalized embeddings instead of the weighted L1",
        "about as good: the encoder does the work",
        network={"head": "cosine", "embedding": "normalized"},
    ),
    "non-positive": Change(
        "alpha held at or below zero", "a true distance, fewer ways to go: as good",
        network={"head": "non-positive"},
    ),
    "thickness": Change(
        "strokes thickened or thinned by up to a pixel",
        "drawers differ little in it: no change", augment=("thickness",),
    ),
    "elastic": Change(
        "a smooth elastic distortion on top", "more of what drawers do: better when trained long",
        augment=("elastic",),
    ),
    "translation-2": Change(
        "the paper's translations of 2 pixels instead of 6",
        "easier to learn, drawings are badly centred: no better", translation=2.0,
    ),
}  # fmt: skip
