"""`keras-siamese index`: the embeddings of a folder's images as a file to search in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from keras_siamese.commands import folders, networks, reading
from keras_siamese.commands.embed import embed_files
from keras_siamese.commands.output import Json, check_out, print_json, printable, working

_ENDINGS = (".index",)


def command(
    context: typer.Context,
    images: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder of images, at any depth; or one image.")
    ],
    out: Annotated[
        Path | None,
        typer.Argument(
            metavar="OUT",
            help="File to write, ending in .index. Without it, DIR's name and .index, in the "
            "working folder.",
        ),
    ] = None,
    model: networks.Model = networks.DEFAULT,
    engine: Annotated[
        str,
        typer.Option(
            metavar="numpy|faiss|faiss-hnsw|usearch",
            help="What searches: numpy and faiss compare every image, faiss-hnsw and usearch are "
            "faster among very many and may miss some. All but numpy need an extra.",
        ),
    ] = "numpy",
    polarity: reading.Polarity = None,
    paper: reading.Paper = None,
    skip_unreadable: folders.SkipUnreadable = False,
    max_pixels: reading.MaxPixels = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
    as_json: Json = False,
) -> None:
    """Write an index of a folder's images, for `keras-siamese search`.

    OUT holds the names and embeddings of the images, and which network they are of. It is written
    when all is done, whole or not at all.
    """
    out = _named_for(images) if out is None else out
    check_out(out, _ENDINGS, overwrite)
    look = reading.told_look(polarity, paper, None)
    reading.tell_notes(context)
    from keras_siamese.index import EmbeddingIndex

    with folders.told_files(skip_unreadable) as report:
        with working("reading"):
            recognizer = networks.load(model, look=look)
            index = EmbeddingIndex(engine=engine, network=recognizer)
        files, embeddings = embed_files(recognizer, images, report)
    with working("indexing"):
        index.add(embeddings, [str(file) for file in files])
        index.save(out)
    if as_json:
        said = {"written": printable(out), "model": model, "images": len(index), "engine": engine}
        print_json(said | {"distance": index.distance} | report.to_json())
    else:
        typer.echo(f"wrote {printable(out)}: {len(index)} images")


def _named_for(images: Path) -> Path:
    """Return the file in the working folder that has the name of DIR."""
    # Of "." and "..", too.
    whole = Path(os.path.abspath(images))
    name = whole.stem if whole.is_file() else whole.name
    if not name:
        raise ValueError(
            f"OUT must be given for a DIR without a name. Received: DIR {str(images)!r} alone. "
            "Name a file ending in .index."
        )
    return Path(f"{name}.index")
