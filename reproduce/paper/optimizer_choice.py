"""Whose optimizer and distortions train a run: the package's own, or tensorflow-addons'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from keras_siamese.optimizers import LayerwiseSGD
from keras_siamese.training import warp_images

CHOICES = ("own", "addons")


@dataclass(frozen=True)
class Tools:
    """What trains a run.

    Args:
        make_optimizer: `LayerwiseSGD`, or what takes its arguments.
        warp: What distorts, as `keras_siamese.training.step.warp_images` does.
        description: What a result says about them; nothing about ours.
    """

    make_optimizer: type[LayerwiseSGD] = LayerwiseSGD
    warp: Callable = warp_images
    description: dict[str, str] = field(default_factory=dict)


OWN_TOOLS = Tools()


def choose_tools(optimizer: str, distortions: str) -> Tools:
    """Return what the command line asks for.

    Args:
        optimizer: "own" or "addons".
        distortions: "own" or "addons".

    Raises:
        ValueError: If a choice is unknown.
        ImportError: If tensorflow-addons is asked for and does not work here.
    """
    for name, choice in (("optimizer", optimizer), ("distortions", distortions)):
        if choice not in CHOICES:
            raise ValueError(f"--{name} must be one of {CHOICES}. Received: {choice}. Choose one.")
    if optimizer == distortions == "own":
        return OWN_TOOLS
    from keras_siamese import addons

    chosen = {"optimizer": optimizer, "distortions": distortions}
    return Tools(
        addons.AddonsSGD if optimizer == "addons" else LayerwiseSGD,
        addons.transform_images if distortions == "addons" else warp_images,
        {name: choice for name, choice in chosen.items() if choice != "own"},
    )
