"""The tables of docs/stacks.md on tensorflow-addons, from what `agreement` measured."""

from __future__ import annotations

import json

from reproduce.table import Result, Table
from studies import RESULTS

# Not `agreement`'s: it imports TensorFlow.
ADDONS = RESULTS / "addons.json"


def addons_steps(results: list[Result]) -> Table:
    """Compare `LayerwiseSGD` with `MultiOptimizer`, layer by layer."""
    measured = json.loads(ADDONS.read_text())
    beside, across = measured["keras_2"]["optimizer"], measured["keras_3"]["optimizer"]
    forgotten = measured["keras_2"]["forgotten_layer"]
    rows = [
        [
            name,
            f"{moved:.3f}",
            f"{beside['largest_difference'][name]:.1e}",
            f"{across['largest_difference'][name]:.1e}",
            f"{forgotten['moved'][name]:.3f}",
        ]
        for name, moved in beside["moved"].items()
    ]
    versions = [measured[stack]["versions"]["keras"] for stack in ("keras_2", "keras_3")]
    headings = [
        "layer",
        "largest move of a weight",
        f"apart, both on Keras {versions[0]}",
        f"apart, LayerwiseSGD on Keras {versions[1]}",
        f"move where {forgotten['forgotten']} was forgotten",
    ]
    title = f"{beside['steps']} steps of LayerwiseSGD and of tensorflow-addons' MultiOptimizer"
    return Table(title, headings, rows)


def addons_distortions(results: list[Result]) -> Table:
    """Compare our warp with `tfa.image.transform` and scikit-image."""
    measured = json.loads(ADDONS.read_text())
    rows = [
        [
            f"{old['size']}x{old['size']}",
            f"{old['inside']:.0%}",
            f"{old['tensorflow_addons']:.1e}",
            f"{old['scikit_image']:.1e}",
            f"{new['scikit_image']:.1e}",
        ]
        for old, new in zip(
            measured["keras_2"]["distortions"], measured["keras_3"]["distortions"], strict=True
        )
    ]
    versions = [measured[stack]["versions"]["tensorflow"] for stack in ("keras_2", "keras_3")]
    headings = ["images", "pixels away from the border", "from tfa.image.transform"]
    headings += [f"from scikit-image, TensorFlow {version}" for version in versions]
    return Table("The distortions, largest difference of a pixel in [0, 1]", headings, rows)
