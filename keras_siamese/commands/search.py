"""`keras-siamese search`: the images of an index that are most like an image."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keras_siamese.commands import networks, reading
from keras_siamese.commands.output import (
    Csv,
    Json,
    check_one_form,
    in_one_line,
    print_csv,
    print_json,
    printable,
    working,
)

_ENDING = ".index"
# Files that an error lists.
_LISTED = 10


def command(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        # Two arguments of which the first may be left out are one argument to Typer.
        typer.Argument(
            metavar="[INDEX] IMAGE",
            help="A file that `keras-siamese index` wrote, and the image. Without INDEX, the only "
            "file ending in .index in the working folder.",
        ),
    ],
    model: networks.Model = networks.DEFAULT,
    count: Annotated[int, typer.Option("-k", "--top", min=1, help="Images to list.")] = 5,
    memory_map: Annotated[
        bool,
        typer.Option(
            "--memory-map", help="Leave the embeddings in INDEX, which may be larger than memory."
        ),
    ] = False,
    max_pixels: reading.MaxPixels = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the images of an index that are most like an image, the most similar first.

    Each has the network's probability that it shows the same class as IMAGE. The network must be
    the one that the index was made with; IMAGE is read as its images were. Its head scores the
    first hundred images that the index finds.
    """
    check_one_form(as_json, as_csv)
    index, image = _index_and_image(paths)
    reading.tell_notes(context)
    from keras_siamese.data.images.preprocessing import Preprocessing
    from keras_siamese.index import EmbeddingIndex

    with working("reading"):
        try:
            known = EmbeddingIndex.load(index, memory_map=memory_map)
        except (ValueError, FileNotFoundError) as error:
            raise ValueError(str(error).replace("`path`", "INDEX")) from error
        if not known.has_network:
            raise ValueError(
                f"INDEX must name the network that it was made with. Received: {str(index)!r}, "
                "which was built without one. Search it in Python with EmbeddingIndex.load, or "
                "build it again with `network=` or by `keras-siamese index`."
            )
        recognizer = networks.load(model)
        if known.preprocessing is not None:
            recognizer.preprocessing = Preprocessing.from_json(known.preprocessing)
        known.use_network(recognizer)
        embeddings = recognizer.embed(image)
        names, scores = known.search(embeddings[0], k=min(count, len(known)))
    results = [
        {"file": printable(name), "score": float(score)}
        for name, score in zip(names, scores, strict=True)
    ]
    if as_json:
        print_json(
            {
                "index": printable(index),
                "image": printable(image),
                "model": model,
                "images": len(known),
                "scores": known.score_kind,
                "results": results,
            }
        )
    elif as_csv:
        print_csv(("file", "score"), ((row["file"], row["score"]) for row in results))
    else:
        for row in results:
            typer.echo(f"{row['score']:.4f}  {in_one_line(row['file'])}")


def _index_and_image(paths: list[Path]) -> tuple[Path, Path]:
    """Return INDEX and IMAGE of a command line that may name the image alone."""
    if len(paths) > 2:
        raise typer.BadParameter(
            f"INDEX and IMAGE must be two paths at most. Received: {len(paths)}. Name one image"
        )
    if len(paths) == 2:
        index, image = paths
        if image.suffix.lower() == _ENDING and index.suffix.lower() != _ENDING:
            raise typer.BadParameter(
                f"INDEX must stand before IMAGE. Received: {str(index)!r}, {str(image)!r}. Turn "
                "them round"
            )
        return index, image
    (image,) = paths
    if image.suffix.lower() == _ENDING:
        raise typer.BadParameter(
            f"IMAGE must follow INDEX. Received: {str(image)!r} alone. Name an image after it"
        )
    files = (each for each in Path().iterdir() if each.is_file())
    found = sorted(each for each in files if each.suffix.lower() == _ENDING)
    if len(found) == 1:
        return found[0], image
    told = ", ".join(repr(str(each)) for each in found[:_LISTED]) or "none"
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    remedy = "Name it first" if found else "Make one: keras-siamese index DIR; or name it first"
    raise ValueError(
        "INDEX must be named unless the working folder holds exactly one file ending in "
        f"{_ENDING}. Received: IMAGE alone, and {told}{more} there. {remedy}: "
        "keras-siamese search INDEX IMAGE."
    )
