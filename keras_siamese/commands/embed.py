"""`keras-siamese embed`: the embeddings of images, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_siamese.commands import folders, networks, reading
from keras_siamese.commands.output import (
    Json,
    check_out,
    print_json,
    printable,
    watched,
    working,
    write_csv,
)
from keras_siamese.data.unreadable import what_is_at

if TYPE_CHECKING:
    import numpy as np

    from keras_siamese.recognizer import Recognizer

_ENDINGS = (".npz", ".csv")
# Images that are held at a time, before they are encoded.
_HELD = 1024


def command(
    context: typer.Context,
    images: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder of images, at any depth; or one image.")
    ],
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="File to write: .npz for NumPy, or .csv."),
    ],
    model: networks.Model = networks.DEFAULT,
    polarity: reading.Polarity = None,
    paper: reading.Paper = None,
    ink: reading.Ink = None,
    skip_unreadable: folders.SkipUnreadable = False,
    max_pixels: reading.MaxPixels = None,
    save_read: reading.SaveRead = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
    as_json: Json = False,
) -> None:
    """Write the embedding of each image of a folder to a file.

    OUT.npz holds `files`, the names, and `embeddings`, (images, features), float32. OUT.csv has a
    row per image: its name, then its embedding. Images that show the same class have similar
    embeddings.

    OUT is written when all is done, whole or not at all.
    """
    check_out(out, _ENDINGS, overwrite)
    reading.check_folder(save_read)
    look = reading.told_look(polarity, paper, ink)
    reading.tell_notes(context)
    with folders.told_files(skip_unreadable) as report:
        with working("reading"):
            recognizer = networks.load(model, look=look)
        files, embeddings = embed_files(recognizer, images, report)
        reading.save_files(save_read, files, recognizer.preprocessing)
    _write(out, [printable(file) for file in files], embeddings)
    count, features = embeddings.shape
    if as_json:
        said = {"written": printable(out), "model": model, "images": count, "features": features}
        print_json(said | report.to_json())
    else:
        typer.echo(f"wrote {printable(out)}: {count} images, {features} features each")


def embed_files(
    recognizer: Recognizer, images: Path, report: folders.FileReport
) -> tuple[list[Path], np.ndarray]:
    """Embed the images of a folder, some at a time, and show on a terminal how far that has come.

    Args:
        recognizer: The network.
        images: DIR of the command line.
        report: Where those are noted that cannot be read.

    Returns:
        The files that can be read, and the embedding of each, `(n, features)`, float32.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it has none.
    """
    import numpy as np

    if not images.exists():
        raise FileNotFoundError(
            f"DIR must be a folder of images, or an image. Received: {str(images)!r}, which is "
            f"{what_is_at(images)}. Correct it."
        )
    kept: list[Path] = []
    parts: list[np.ndarray] = []
    held: list[np.ndarray] = []

    def encode() -> None:
        if held:
            parts.append(recognizer.encode(np.stack(held)))
            held.clear()

    with working("reading"):
        found = report.find_images(images)
    for file in watched(found, "reading"):
        try:
            held.append(recognizer.preprocessing.read(file))
        except (ValueError, OSError) as error:
            report.unreadable.append(error)
            continue
        kept.append(file)
        if len(held) == _HELD:
            encode()
    encode()
    if not kept:
        raise ValueError(
            f"DIR must hold images that can be read. Received: {str(images)!r}. Name another."
        )
    return kept, np.concatenate(parts)


def _write(out: Path, files: list[str], embeddings: np.ndarray) -> None:
    import numpy as np

    from keras_siamese.atomic import atomic_write

    if out.suffix.lower() == ".npz":
        with atomic_write(out) as file:
            np.savez(file, files=np.array(files), embeddings=embeddings)
        return
    # Nine digits give every float32 back.
    rows = (
        [name, *(f"{value:.9g}" for value in row)]
        for name, row in zip(files, embeddings, strict=True)
    )
    write_csv(out, ["file", *range(embeddings.shape[1])], rows, line_end="\r\n")
