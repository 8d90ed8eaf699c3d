"""`keras-siamese classify`: which known class an image shows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from keras_siamese.classifier import OneShotClassifier
from keras_siamese.commands import folders, networks
from keras_siamese.commands.output import (
    Json,
    complain,
    print_json,
    printable,
    say,
    working,
)
from keras_siamese.data import load_support, read_images


def command(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE", help="Images to name, or folders of such.")
    ],
    support: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Folder of the known classes: one folder with images a class, or one image a "
            "class, named by it.",
        ),
    ],
    model: networks.Model = networks.DEFAULT,
    threshold: networks.Threshold = None,
    far: networks.FalseAccepts = None,
    shots: Annotated[
        str,
        typer.Option(
            metavar="mean|best",
            help="With several images a class: average over them, or take the most alike.",
        ),
    ] = "mean",
    top: Annotated[int, typer.Option(min=1, help="Classes to list for each image.")] = 3,
    ink: networks.Ink = None,
    labels: folders.Labels = folders.FOLDERS,
    label_pattern: folders.Pattern = None,
    split: folders.Split = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop with code 1 where any file cannot be read.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Name the class of images, given one image or more of each class.

    For each image it prints the likeliest classes: their probability given that it is one of them,
    then the probability that image and class are the same, by itself. Where that lies below the
    threshold for all classes, the image is of no known class; --threshold 0 always names one.

    Images are looked for in all folders of a folder. Files that cannot be read, and those that are
    no images, are listed on stderr and left out. --labels and --split say how --support is laid
    out.
    """
    if not support.is_dir():
        raise ValueError(
            f"--support must be a folder of known classes, but {str(support)!r} is none. Correct "
            "it."
        )
    report = folders.FileReport()
    layout = folders.FolderOptions(labels, label_pattern, split).layout
    with working("reading"):
        network = networks.load(model, threshold, far)
        look: dict[str, Any] = {
            "size": network.size,
            "color": network.color,
            "ink": network.ink(ink),
            "on_unreadable": report.unreadable.append,
        }
        try:
            references, classes = load_support(
                support, **look, **layout, on_skipped=report.skipped.append
            )
            files = [file for path in images for file in report.find_images(path)]
        finally:
            report.tell_skipped()
    queries = read_images(_watched(files), **look)
    unreadable = report.unreadable
    for error in unreadable:
        complain(error)
    if unreadable and (strict or not queries):
        say(f"keras-siamese: {len(unreadable)} files could not be read, so none was classified")
        raise typer.Exit(1)
    if len(set(classes)) == 1 and network.threshold is None:
        raise ValueError(
            f"--support must hold two classes or more to choose from, but {str(support)!r} has "
            f"only {classes[0]!r}. Add classes, or give --threshold."
        )
    with working("classifying"):
        classifier = OneShotClassifier(network.model, shots=shots).fit(references, classes)
        results = _rank(classifier, queries, network.threshold)
    if as_json:
        print_json(
            {
                "model": network.name,
                "threshold": network.threshold,
                "classes": [printable(label) for label in classifier.classes_],
                "results": results,
            }
            | report.to_json()
        )
        return
    for result in results:
        named = "of no known class" if result["class"] is None else result["class"]
        typer.echo(f"{result['file']}: {named}")
        listed = result["ranking"][:top]
        column = max(len(row["class"]) for row in listed)
        for row in listed:
            chance = f"{row['probability']:.4f}, by itself {row['same']:.4f}"
            typer.echo(f"  {row['class']:{column}}  {chance}")


def _watched(files: list[Path]) -> Iterable[Path]:
    """Show on a terminal how far the reading has come."""
    console = Console(stderr=True)
    return track(files, "reading", console=console, transient=True, disable=not console.is_terminal)


def _rank(
    classifier: OneShotClassifier, queries: dict[Path, np.ndarray], threshold: float | None
) -> list[dict[str, Any]]:
    """Return for each image its class and all classes by falling probability."""
    images = np.stack(list(queries.values()))
    chances, alike = classifier.predict_proba(images), classifier.similarities(images)
    labels = [printable(label) for label in classifier.classes_]
    results = []
    for file, chance, same in zip(queries, chances, alike, strict=True):
        ranking: list[dict[str, Any]] = [
            {
                "class": labels[place],
                "probability": float(chance[place]),
                "same": float(same[place]),
            }
            for place in np.argsort(-chance, kind="stable")
        ]
        best = ranking[0]
        known = threshold is None or best["same"] >= threshold
        results.append(
            {
                "file": printable(file),
                "class": best["class"] if known else None,
                "ranking": ranking,
            }
        )
    return results
