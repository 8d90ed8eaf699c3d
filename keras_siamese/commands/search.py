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


def command(
    context: typer.Context,
    index: Annotated[
        Path, typer.Argument(metavar="INDEX", help="A file that `keras-siamese index` wrote.")
    ],
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The image.")],
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
