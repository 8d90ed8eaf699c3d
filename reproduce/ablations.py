"""One thing changed at a time, at equal budgets: who learns faster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reproduce.configs.base import RunConfig

# The first 60,000 pairs, with the momentum ramp of the search: enough to see who learns faster.
BUDGET = {"epochs": 4, "ramp_epochs": 2}
# The best layer-wise trial of reproduce/results/search-reduced-35.json, number 15.
LAYER_WISE = {
    "learning_rates": {
        "conv1": 0.05961,
        "conv2": 0.00422,
        "conv3": 0.02424,
        "conv4": 0.0188,
        "embedding": 0.02984,
        "weighted_l1": 0.09181,
    },
    "momenta": {
        "conv1": 0.7934,
        "conv2": 0.7739,
        "conv3": 0.7005,
        "conv4": 0.7978,
        "embedding": 0.7687,
        "weighted_l1": 0.8697,
    },
    "l2": {
        "conv1": 0.0002703,
        "conv2": 0.0004721,
        "conv3": 0.00275,
        "conv4": 0.0002519,
        "embedding": 0.0007605,
        "weighted_l1": 0.0003388,
    },
}


@dataclass(frozen=True)
class Ablation:
    """One variant.

    Attributes:
        label: Name of the variant.
        about: What it is about.
        changes: Settings in which it differs from the trainings of the tables.
    """

    label: str
    about: str
    changes: dict[str, Any] = field(default_factory=dict)

    def config(self, base: RunConfig) -> RunConfig:
        """Return the variant's run."""
        name = f"ablation-{base.size}-{self.slug}"
        return base.override(name=name, **BUDGET, **self.changes)

    @property
    def slug(self) -> str:
        """The label as a part of a file's name."""
        return self.label.replace(" ", "-").replace("'", "").replace(",", "")


ABLATIONS = (
    Ablation("as the tables", "what the others are compared with"),
    Ablation("paper's initial weights", "initial weights", {"initializer": "koch"}),
    Ablation("across-alphabet pairs", "different pairs", {"different": "across-alphabets"}),
    Ablation("no distortions", "distortions", {"num_distortions": 0}),
    Ablation("no output bias", "output bias", {"use_bias": False}),
    Ablation("no L2", "L2", {"l2": 0.0}),
    Ablation("L2 as printed", "L2", {"l2_form": "printed"}),
    Ablation("layer-wise rates, momenta and L2", "one rate for all layers", LAYER_WISE),
)
