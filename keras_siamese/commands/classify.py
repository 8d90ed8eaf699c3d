"""`keras-siamese classify`: which known class an image shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_siamese.commands import folders, networks, reading
from keras_siamese.commands.output import (
    Csv,
    Json,
    check_one_form,
    print_csv,
    print_error,
    print_json,
    print_status,
    printable,
    watched,
    working,
)
from keras_siamese.data.unreadable import what_is_at

if TYPE_CHECKING:
    from keras_siamese.recognizer import Ranking


def command(
    context: typer.Context,
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE", help="Images to name, or folders of such.")
    ],
    support: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the known classes: one folder with images per class, or one image "
            "per class with its name. Without it, those that the file of --model holds.",
        ),
    ] = None,
    model: networks.Model = networks.DEFAULT,
    threshold: networks.Threshold = None,
    far: networks.FalseAccepts = None,
    shots: Annotated[
        str | None,
        typer.Option(
            metavar="mean|best",
            help="With several images per class: average over them, or take the most similar. "
            "Without it, as the network's file says; mean for one that ships.",
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Classes to list for each image.")] = 3,
    polarity: reading.Polarity = None,
    paper: reading.Paper = None,
    ink: reading.Ink = None,
    labels: folders.Labels = folders.FOLDERS,
    label_pattern: folders.Pattern = None,
    split: folders.Split = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop with code 1 where any file cannot be read.")
    ] = False,
    max_pixels: reading.MaxPixels = None,
    save_read: reading.SaveRead = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Name the class of images, given one image or more of each class.

    For each image it prints the likeliest classes with two probabilities. The first assumes that
    one of the known classes is right. The similarity is the probability that image and class are
    the same. An image is of no known class if all its similarities are below the threshold;
    --threshold 0 always names one.

    Images are looked for in all folders of a folder. Files that cannot be read, and those that are
    no images, are listed on stderr and left out. Reasons to doubt an answer are printed there,
    too: what was odd about an image, or that it is unlike those that the network was trained on.
    --labels and --split say how --support is laid out.
    """
    if support is not None and not support.is_dir():
        raise ValueError(
            f"--support must be a folder of known classes. Received: {str(support)!r}, which is "
            f"{what_is_at(support)}. Correct it."
        )
    check_one_form(as_json, as_csv)
    reading.check_folder(save_read)
    look = reading.told_look(polarity, paper, ink)
    tell = reading.tell_notes(context)
    report = folders.FileReport()
    layout = folders.FolderOptions(labels, label_pattern, split)
    if support is None and layout != folders.FolderOptions():
        raise ValueError(
            "--labels, --label-pattern and --split must come with --support, whose layout they "
            "tell. Received: no --support. Leave them out, or give it."
        )
    if support is not None:
        layout.check(support)
    with working("reading"):
        recognizer = networks.load(model, threshold, far, look)
        if shots is not None:
            recognizer.shots = shots
        try:
            if support is not None:
                recognizer.fit(support, **layout.layout, **report.callbacks)
            elif not recognizer.classes:
                raise ValueError(
                    "--support must be given where --model holds no known classes. Received: "
                    f"{model!r}, which holds none. Give a folder of them."
                )
            found = (file for path in images for file in report.find_images(path))
            files = list(dict.fromkeys(found))
        except ValueError:
            # The error names one file at most.
            for error in report.unreadable if len(report.unreadable) > 1 else ():
                print_error(error)
            raise
        finally:
            report.tell_skipped()
    unreadable = report.unreadable
    ranked = (
        recognizer.rank(watched(files, "reading"), on_unreadable=unreadable.append) if files else []
    )
    for error in unreadable:
        print_error(error)
    for matches in ranked:
        for warning in () if matches is None else matches.warnings:
            tell(warning)
    # Files that a saved network names may be gone.
    known = [] if support is None else [Path(source) for source in recognizer.sources]
    reading.save_files(save_read, [*known, *files], recognizer.preprocessing)
    if unreadable and (strict or not any(ranked)):
        print_status(
            f"keras-siamese: {len(unreadable)} files could not be read, so none was classified"
        )
        raise typer.Exit(1)
    if len(recognizer.classes) == 1 and recognizer.threshold is None:
        raise ValueError(
            "Known images must be of two classes or more to choose from. Received: "
            f"{model if support is None else str(support)!r} with "
            f"{recognizer.classes[0]!r} alone. Add classes, or give --threshold."
        )
    results = [
        _result(file, matches, recognizer.threshold)
        for file, matches in zip(files, ranked, strict=True)
        if matches is not None
    ]
    if as_json:
        print_json(
            {
                "model": model,
                "threshold": recognizer.threshold,
                "classes": [printable(label) for label in recognizer.classes],
                "results": results,
            }
            | report.to_json()
        )
    elif as_csv:
        _print_csv(results)
    else:
        _print_lines(results, top)


def _print_csv(results: list[dict[str, Any]]) -> None:
    best = [result["ranking"][0] for result in results]
    print_csv(
        ("file", "class", "likeliest", "probability", "same", "novelty", "warnings"),
        (
            (
                *(result["file"], result["class"]),
                *(row["class"], row["probability"], row["same"]),
                *(result["novelty"], " ".join(result["warnings"])),
            )
            for result, row in zip(results, best, strict=True)
        ),
    )


def _print_lines(results: list[dict[str, Any]], top: int) -> None:
    for result in results:
        named = "of no known class" if result["class"] is None else result["class"]
        typer.echo(f"{result['file']}: {named}")
        listed = result["ranking"][:top]
        column = max(len(row["class"]) for row in listed)
        for row in listed:
            chance = f"{row['probability']:.4f}, similarity {row['same']:.4f}"
            typer.echo(f"  {row['class']:{column}}  {chance}")


def _result(file: Path, matches: Ranking, threshold: float | None) -> dict[str, Any]:
    """Return an image's class, None where it is of no known one, and all classes in order."""
    names = [printable(match.name) for match in matches]
    known = threshold is None or matches[0].similarity >= threshold
    return {
        "file": printable(file),
        "class": names[0] if known else None,
        "ranking": [
            {"class": name, "probability": match.probability, "same": match.similarity}
            for name, match in zip(names, matches, strict=True)
        ],
        "novelty": matches.novelty,
        "warnings": list(matches.warnings),
    }
