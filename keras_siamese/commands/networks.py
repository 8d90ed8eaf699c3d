"""The network that a command works with, by the name of one that ships or from a file."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import keras
import typer

from keras_siamese import pretrained
from keras_siamese.evaluation.operating_point import check_fraction
from keras_siamese.models import twin_encoder
from keras_siamese.models.files import load_network
from keras_siamese.verifier import Verifier

DEFAULT = "omniglot"
DEFAULT_RATE = 0.01

Model = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        help="A network that ships (see `keras-siamese pretrained`), a .keras file, or a .zip file "
        "that `keras-siamese train` or `Verifier.save` wrote.",
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        help="Probability, from 0 to 1, from which on two images are called the same. Without it "
        "the network's own: of one that ships, that for 1 % false accepts."
    ),
]
FalseAccepts = Annotated[
    float | None,
    typer.Option(
        "--far",
        help="Take the threshold that a network that ships has for this false-accept rate, such "
        "as 0.001.",
    ),
]
Ink = Annotated[
    str | None,
    typer.Option(
        metavar="dark|bright|auto|redraw",
        help="What is drawn is darker or brighter than the ground; bright for photographs. redraw "
        "makes a drawing of any place, size and pen like those of Omniglot. Without it, auto for a "
        "network on grey images (each image is judged by itself), bright for one on colour.",
    ),
]


@dataclass(frozen=True)
class Network:
    """A siamese network with what a command needs to know of it.

    Attributes:
        model: The network.
        name: As it was asked for.
        threshold: Probability from which on a pair is called the same; None where neither the
            network nor the command line has one.
    """

    model: keras.Model
    name: str
    threshold: float | None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of its images, in pixels."""
        height, width, _ = self._shape
        return height, width

    @property
    def color(self) -> str:
        """What `read_image` takes."""
        return "grey" if self._shape[2] == 1 else "rgb"

    def ink(self, wanted: str | None) -> str:
        """What `read_image` takes, for what the command line has."""
        return wanted or default_ink(self.color)

    @property
    def _shape(self) -> tuple[int, int, int]:
        shape = twin_encoder(self.model).input_shape[1:]
        if len(shape) != 3 or None in shape or shape[2] not in (1, 3):
            raise ValueError(
                f"--model must be a network on images of one known size with 1 or 3 channels, but "
                f"{self.name!r} takes {tuple(shape)}. Name another."
            )
        return shape


def default_ink(color: str) -> str:
    """Return the ink of images whose kind is not told: drawings are grey, photographs coloured."""
    return "auto" if color == "grey" else "bright"


def load(name: str, threshold: float | None = None, rate: float | None = None) -> Network:
    """Load the network that a command line names.

    Args:
        name: A network that ships, or a file.
        threshold: A threshold from the command line.
        rate: A false-accept rate from the command line.

    Returns:
        The network, with the threshold asked for, or its own.

    Raises:
        ValueError: If there is no such network, its file is damaged, or it has no threshold for
            that rate.
    """
    if threshold is not None:
        check_fraction("--threshold", threshold)
        if rate is not None:
            raise ValueError("--threshold and --far exclude each other. Give one of them.")
    path = Path(name)
    if path.is_file():
        model, own = _read(path)
        if rate is not None:
            raise ValueError(
                f"--far is for networks that ship, but --model is the file {name!r}. Give "
                "--threshold; `keras-siamese train --far` tells it."
            )
    elif name in pretrained.pretrained_names():
        thresholds = pretrained.pretrained_card(name)["thresholds"]
        own = _of_rate({float(key): value for key, value in thresholds.items()}, rate)
        model = pretrained.load_pretrained(name)
    else:
        raise ValueError(
            f"--model must be a file or one of {', '.join(pretrained.pretrained_names())}, but got "
            f"{name!r}. Correct it."
        )
    return Network(model, name, own if threshold is None else threshold)


def _read(path: Path) -> tuple[keras.Model, float | None]:
    """Return the network in a file and, from a verifier's file, its threshold."""
    if path.suffix != ".keras" and zipfile.is_zipfile(path):
        verifier = Verifier.load(path)
        return verifier.model, verifier.threshold
    return load_network(path), None


def _of_rate(thresholds: dict[float, float], rate: float | None) -> float:
    wanted = DEFAULT_RATE if rate is None else rate
    if wanted not in thresholds:
        known = ", ".join(f"{known:g}" for known in sorted(thresholds))
        raise ValueError(
            f"--far must be one of {known}, which the network has thresholds for, but got "
            f"{wanted:g}. Choose from that list, or give --threshold."
        )
    return thresholds[wanted]
