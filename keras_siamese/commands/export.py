"""`keras-siamese export`: a network in a format that others run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import keras
import typer

from keras_siamese import serving
from keras_siamese.commands import networks
from keras_siamese.commands.output import Json, print_json, printable, working


@dataclass(frozen=True)
class Request:
    """What the command line asks of an export; a format takes what it has a use for."""

    version: int
    overwrite: bool
    ink: str


def _savedmodel(model: keras.Model, path: Path, request: Request) -> Path:
    return serving.export(
        model, path, version=request.version, overwrite=request.overwrite, ink=request.ink
    )


# A further format is one function of these arguments, which returns what it wrote, and one line.
FORMATS: dict[str, Callable[[keras.Model, Path, Request], Path]] = {
    "savedmodel": _savedmodel,
}


def command(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A network that ships, or a .keras or .zip file."),
    ],
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="Where to: a folder, whose name is the model's name."),
    ],
    file_format: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMATS), help="What to write.")
    ] = "savedmodel",
    version: Annotated[int, typer.Option(help="Number of the folder inside OUT.")] = 1,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a version that exists.")
    ] = False,
    ink: Annotated[
        str | None,
        typer.Option(
            metavar="dark|bright",
            help="Polarity of the image files that the signature verify_images takes. Without it, "
            "dark for a network on grey images, bright for one on colour.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a network as a SavedModel for TensorFlow Serving, whole or not at all."""
    if file_format not in FORMATS:
        raise ValueError(
            f"--format must be one of {', '.join(FORMATS)}, but got {file_format!r}. Choose from "
            "that list."
        )
    with working("exporting"):
        network = networks.load(model)
        bright = network.preprocessing.polarity == "light_on_dark"
        polarity = ink or ("bright" if bright else "dark")
        written = FORMATS[file_format](network.model, out, Request(version, overwrite, polarity))
    if as_json:
        print_json({"model": model, "format": file_format, "written": printable(written)})
    else:
        typer.echo(f"wrote {printable(written)}")
