"""The network that a command works with: a shipped one, by its name, or one from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_siamese.data.unreadable import what_is_at

if TYPE_CHECKING:
    from keras_siamese.recognizer import Recognizer

DEFAULT = "omniglot"
DEFAULT_RATE = 0.01

Model = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        help="A shipped network (see `keras-siamese pretrained`), or a file that `keras-siamese "
        "train` or a `save` of the package wrote.",
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        help="Two images are called the same from this probability on (0 to 1). Default: the "
        "network's threshold; for a shipped network, the one for 1 % false accepts."
    ),
]
FalseAccepts = Annotated[
    float | None,
    typer.Option(
        "--far",
        help="Take the threshold that the network has for this false-accept rate, such as 0.001.",
    ),
]


def load(
    name: str,
    threshold: float | None = None,
    rate: float | None = None,
    look: Mapping[str, Any] | None = None,
) -> Recognizer:
    """Load the network that a command line names.

    Args:
        name: A network that ships, or a file.
        threshold: A threshold from the command line.
        rate: A false-accept rate from the command line.
        look: How images are read, of `reading.told_look`; the rest is as the network's file says.

    Returns:
        The network, with the threshold asked for, or its own.

    Raises:
        ValueError: If there is no such network, its file is damaged, it has no threshold for that
            rate, or it does not read images in that way.
    """
    from keras_siamese import pretrained
    from keras_siamese.argument_checks import did_you_mean
    from keras_siamese.evaluation.operating_point import check_fraction
    from keras_siamese.recognizer import Recognizer

    if threshold is not None:
        check_fraction("--threshold", threshold)
        if rate is not None:
            raise ValueError(
                "--threshold and --far must not come together. Received: both. Give one of them."
            )
    if rate is not None:
        check_fraction("--far", rate)
    if Path(name).is_file():
        recognizer = Recognizer.load(name)
    elif name in pretrained.pretrained_names():
        recognizer = Recognizer.from_preset(name, false_accept_rate=DEFAULT_RATE)
    else:
        raise ValueError(
            f"--model must be a file or one of {', '.join(pretrained.pretrained_names())}. "
            f"Received: {name!r}, which is {what_is_at(name)}. Correct it."
            f"{did_you_mean(name, pretrained.pretrained_names())}"
        )
    if rate is not None:
        recognizer.threshold = _of_rate(recognizer, name, rate)
    if threshold is not None:
        recognizer.threshold = threshold
    if look:
        recognizer.preprocessing = replace(recognizer.preprocessing, **look)
    return recognizer


def _of_rate(recognizer: Recognizer, name: str, rate: float) -> float:
    if rate in recognizer.thresholds:
        return recognizer.threshold_for(rate)
    known = ", ".join(f"{known:g}" for known in sorted(recognizer.thresholds))
    raise ValueError(
        f"--far must be a rate that the network has a threshold for. Received: {rate:g}, while "
        f"{name!r} has {'one for ' + known if known else 'none'}. Give --threshold; "
        "`keras-siamese train --far` finds one."
    )
