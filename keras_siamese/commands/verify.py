"""`keras-siamese verify`: do two images show the same class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keras_siamese.commands import networks, reading
from keras_siamese.commands.output import (
    Csv,
    Json,
    check_one_form,
    print_csv,
    print_json,
    printable,
    working,
)


def command(
    context: typer.Context,
    left: Annotated[Path, typer.Argument(metavar="A", help="An image file.")],
    right: Annotated[Path, typer.Argument(metavar="B", help="Another image file.")],
    model: networks.Model = networks.DEFAULT,
    threshold: networks.Threshold = None,
    far: networks.FalseAccepts = None,
    polarity: reading.Polarity = None,
    paper: reading.Paper = None,
    ink: reading.Ink = None,
    max_pixels: reading.MaxPixels = None,
    save_read: reading.SaveRead = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Say with what probability two images show the same class, and whether they do.

    Images may be of any size and kind; they are brought to the network's size.

    The exit code is 0 whether they show the same class or not: read the answer. A .keras file
    without --threshold decides at 0.5.

    Reasons to doubt the answer are printed on stderr: what was odd about an image, or that it is
    unlike those that the network was trained on. --json and --csv give it as `warnings`, and
    as `novelty` the share of images like those of the training that are less unusual.
    """
    check_one_form(as_json, as_csv)
    reading.check_folder(save_read)
    look = reading.told_look(polarity, paper, ink)
    tell = reading.tell_notes(context)
    with working("comparing"):
        recognizer = networks.load(model, threshold, far, look)
        said = recognizer.verify(left, right)
        reading.save_files(save_read, (left, right), recognizer.preprocessing)
    result = {
        "left": printable(left),
        "right": printable(right),
        "model": model,
        "probability": said.probability,
        "threshold": said.threshold,
        "same": said.same,
        "novelty": said.novelty,
        "warnings": list(said.warnings),
    }
    for warning in said.warnings:
        tell(warning)
    if as_json:
        print_json(result)
    elif as_csv:
        row = {**result, "warnings": " ".join(said.warnings)}
        print_csv(list(row), [list(row.values())])
    else:
        decision = "same" if said else "different"
        typer.echo(
            f"{decision}: probability {said.probability:.4f}, threshold {said.threshold:.4f}"
        )
