"""`keras-siamese verify`: do two images show the same class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keras_siamese.commands import networks
from keras_siamese.commands.output import Json, print_json, printable, working
from keras_siamese.data import read_image
from keras_siamese.verifier import Verifier

# What a pair is decided at where the network has no threshold of its own.
MIDDLE = 0.5


def command(
    left: Annotated[Path, typer.Argument(metavar="A", help="An image file.")],
    right: Annotated[Path, typer.Argument(metavar="B", help="Another image file.")],
    model: networks.Model = networks.DEFAULT,
    threshold: networks.Threshold = None,
    far: networks.FalseAccepts = None,
    ink: networks.Ink = None,
    as_json: Json = False,
) -> None:
    """Say with what probability two images show the same class, and whether they do.

    Images may be of any size and kind; they are brought to the network's size.

    The exit code is 0 whether they show the same class or not: read the answer. A .keras file
    without --threshold decides at 0.5.
    """
    with working("comparing"):
        network = networks.load(model, threshold, far)
        first, second = (
            read_image(path, size=network.size, color=network.color, ink=network.ink(ink))
            for path in (left, right)
        )
        limit = MIDDLE if network.threshold is None else network.threshold
        verifier = Verifier(network.model, threshold=limit)
        probability = float(verifier.probabilities(first[None], second[None])[0])
    same = probability >= limit
    if as_json:
        print_json(
            {
                "left": printable(left),
                "right": printable(right),
                "model": network.name,
                "probability": probability,
                "threshold": limit,
                "same": same,
            }
        )
    else:
        decision = "same" if same else "different"
        typer.echo(f"{decision}: probability {probability:.4f}, threshold {limit:.4f}")
