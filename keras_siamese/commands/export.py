"""`keras-siamese export`: a network in a format that others run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from keras_siamese.commands import networks
from keras_siamese.commands.output import Json, print_deprecated, print_json, printable, working
from keras_siamese.commands.reading import PAPER_CHOICES, POLARITY_CHOICES, Ink, told_look
from keras_siamese.serving.formats import FORMATS
from keras_siamese.serving.limits import LARGEST_COUNT, MAX_IMAGES, MAX_PIXELS

SAVED_MODEL = "saved_model"
# Those of which a file answers one signature.
SIGNATURES = tuple(name for name, each in FORMATS.items() if each.one_signature)


def command(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A network that ships, or a .keras or .zip file."),
    ],
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="A folder for a SavedModel, whose name is the model's name; else a file.",
        ),
    ],
    file_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(FORMATS),
            help="For TensorFlow Serving; ONNX Runtime; LiteRT (TensorFlow Lite); OpenVINO; "
            "PyTorch, which needs KERAS_BACKEND=torch.",
        ),
    ] = SAVED_MODEL,
    version: Annotated[
        int | None,
        typer.Option(help="For a SavedModel: number of the folder inside OUT; else 1."),
    ] = None,
    signature: Annotated[
        str | None,
        typer.Option(
            metavar="serving_default|embed|compare",
            help="For ONNX, OpenVINO and PyTorch: what the file answers, the probability for two "
            "images, an image's embedding, or the probability for two embeddings; else "
            "serving_default.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a version or file that exists.")
    ] = False,
    polarity: Annotated[
        str | None,
        typer.Option(
            metavar=POLARITY_CHOICES,
            help="For a SavedModel: polarity of the image files that its signatures "
            "verify_images and embed_images take. Without it, as the network's file says.",
        ),
    ] = None,
    paper: Annotated[
        str | None,
        typer.Option(
            metavar=PAPER_CHOICES,
            help="For a SavedModel: how these signatures treat the paper; redraw needs "
            "--no-read-files. Without it, as the network's file says.",
        ),
    ] = None,
    ink: Ink = None,
    no_read_files: Annotated[
        bool,
        typer.Option(
            "--no-read-files",
            help="For a SavedModel: leave out verify_images and embed_images, which cannot redraw.",
        ),
    ] = False,
    max_images: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=LARGEST_COUNT,
            help="For a SavedModel: most images that an input of a request may hold; else "
            f"{MAX_IMAGES}.",
        ),
    ] = None,
    max_pixels: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=LARGEST_COUNT,
            help="For a SavedModel: largest image file that its signatures read, height times "
            f"width; else {MAX_PIXELS}.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a network in a format that others run, whole or not at all.

    A SavedModel reads image files itself. The others take images as the network does. ONNX needs
    the extra `onnx`, OpenVINO the extra `openvino`.
    """
    from keras_siamese.deprecated import FILE_FORMATS

    chosen = FILE_FORMATS.get(file_format, file_format)
    if chosen != file_format:
        print_deprecated(f"--format {file_format}", f"--format {chosen}")
    if chosen not in FORMATS:
        raise ValueError(
            f"--format must be one of {', '.join(FORMATS)}. Received: {file_format!r}. Choose from "
            "that list."
        )
    look = told_look(polarity, paper, ink)
    options: dict[str, Any] = {"overwrite": overwrite}
    for option, value, of_formats in (
        ("version", version, (SAVED_MODEL,)),
        ("polarity", look.get("polarity"), (SAVED_MODEL,)),
        ("paper", look.get("paper"), (SAVED_MODEL,)),
        ("no-read-files", no_read_files or None, (SAVED_MODEL,)),
        ("max-images", max_images, (SAVED_MODEL,)),
        ("max-pixels", max_pixels, (SAVED_MODEL,)),
        ("signature", signature, SIGNATURES),
    ):
        if value is None:
            continue
        if chosen not in of_formats:
            raise ValueError(
                f"--{option} must be for --format {' or '.join(of_formats)}. Received: {chosen}. "
                "Drop it."
            )
        options[option.replace("-", "_")] = value
    if options.pop("no_read_files", False):
        if max_pixels is not None:
            raise ValueError(
                "--max-pixels must be for a model that reads files. Received: --no-read-files. "
                "Drop one of them."
            )
        options["read_files"] = False
    with working("exporting"):
        written = networks.load(model).export(out, format=chosen, **options)
    if as_json:
        print_json({"model": model, "format": chosen, "written": printable(written)})
    else:
        typer.echo(f"wrote {printable(written)}")
