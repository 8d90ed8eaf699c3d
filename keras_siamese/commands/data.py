"""`keras-siamese data`: fetches, checks and describes data sets."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from keras_siamese import data
from keras_siamese.commands import folders
from keras_siamese.commands.output import one_line, print_error
from keras_siamese.commands.reading import (
    PAPER_CHOICES,
    POLARITY_CHOICES,
    Ink,
    MaxPixels,
    told_look,
)
from keras_siamese.data.folders.folder_layout import scan_folder
from keras_siamese.data.unreadable import what_is_at

NAMES = ("omniglot", "mnist", "glyphs")
OFFICIAL_RUNS = "omniglot-official-runs"
# Subsets of the background set: only experiments want them, so they are fetched only by name.
OPTIONAL = ("omniglot-small1", "omniglot-small2")
# A user's images vary in size; the paper's network takes this side, in pixels.
FOLDER_SIZE = 105

app = typer.Typer(help="Fetch, check and describe data sets.", no_args_is_help=True)

DatasetName = Annotated[
    str, typer.Argument(metavar="DATASET", help="omniglot, mnist, glyphs, or a folder of images.")
]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder with the archives; else KERAS_SIAMESE_DATA, else the cache."),
]
Size = Annotated[
    int | None,
    typer.Option(help=f"Side to resize to, in pixels; else as stored, {FOLDER_SIZE} for a folder."),
]
Polarity = Annotated[
    str | None,
    typer.Option(
        metavar=POLARITY_CHOICES,
        help="For a folder: what is drawn is darker or lighter than the paper. Without it each "
        "image is judged separately, as by train.",
    ),
]
Paper = Annotated[
    str | None,
    typer.Option(
        metavar=PAPER_CHOICES,
        help="For a folder: find the drawing in each photograph, bring paper and ink to their "
        "levels, keep all levels, also crop small signs on plain paper, or redraw; else level.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def get(dataset: DatasetName, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Download what is missing of a data set and read it once, so that it lies in the cache."""
    if dataset not in ("omniglot", "mnist"):
        raise ValueError(
            f"DATASET must be omniglot or mnist to be downloaded. Received: {dataset!r}. Name one "
            "of them: glyphs are made from a seed and folders are yours, so neither needs a "
            "download."
        )
    parts = _parts(dataset, data_dir, download=True)
    _report([_status(name, load) for name, load in parts.items() if name not in OPTIONAL], as_json)


@app.command()
def check(
    dataset: DatasetName,
    data_dir: DataDir = None,
    size: Size = None,
    polarity: Polarity = None,
    paper: Paper = None,
    ink: Ink = None,
    labels: folders.Labels = folders.FOLDERS,
    label_pattern: folders.Pattern = None,
    split: folders.Split = None,
    skip_unreadable: folders.SkipUnreadable = False,
    max_pixels: MaxPixels = None,
    as_json: Json = False,
) -> None:
    """Read a data set in full, without a download, and say for each part whether it is complete.

    All files of a folder that cannot be read are listed; --skip-unreadable counts the others. It
    also says what a folder lacks for classify or train.
    """
    report = folders.FileReport()
    folder = folders.FolderOptions(labels, label_pattern, split, skip_unreadable)
    look = told_look(polarity, paper, ink)
    statuses = []
    for name, load in _parts(dataset, data_dir, size, look, folder=folder, report=report).items():
        try:
            statuses.append(_status(name, load, own=dataset not in NAMES))
        except (ValueError, OSError) as error:
            absent = name in OPTIONAL and isinstance(error, FileNotFoundError)
            detail = "absent, and not needed" if absent else one_line(error)
            if dataset not in NAMES and labels == folders.FOLDERS:
                detail += _one_each(Path(dataset))
            statuses.append({"part": name, "ok": absent, "detail": detail})
    if dataset not in NAMES:
        statuses = [_with_files(status, report, skip_unreadable) for status in statuses]
        report.tell_skipped()
        for unreadable in report.unreadable if skip_unreadable else ():
            print_error(unreadable)
    _report(statuses, as_json)
    if not all(status["ok"] for status in statuses):
        raise typer.Exit(1)


@app.command()
def describe(
    dataset: DatasetName,
    data_dir: DataDir = None,
    size: Size = None,
    polarity: Polarity = None,
    paper: Paper = None,
    ink: Ink = None,
    labels: folders.Labels = folders.FOLDERS,
    label_pattern: folders.Pattern = None,
    split: folders.Split = None,
    skip_unreadable: folders.SkipUnreadable = False,
    max_pixels: MaxPixels = None,
    as_json: Json = False,
) -> None:
    """Print the alphabets, characters, drawers, image size and share of ink of a data set."""
    folder = folders.FolderOptions(labels, label_pattern, split, skip_unreadable)
    look = told_look(polarity, paper, ink)
    with folders.told_files(skip_unreadable) as report:
        parts = _parts(dataset, data_dir, size, look, folder=folder, report=report)
        wanted = [name for name in parts if name not in (*OPTIONAL, OFFICIAL_RUNS)]
        descriptions = [_description(_load(parts[name])) for name in wanted]
    if as_json:
        typer.echo(json.dumps(descriptions, indent=2))
    else:
        for description in descriptions:
            _print_description(description)


def _parts(
    dataset: str,
    data_dir: Path | None,
    size: int | None = None,
    look: Mapping[str, str] | None = None,
    *,
    download: bool = False,
    folder: folders.FolderOptions | None = None,
    report: folders.FileReport | None = None,
) -> dict[str, Callable[[], Any]]:
    """Return the loader of each part of a data set, by the part's name."""
    folder, report = folder or folders.FolderOptions(), report or folders.FileReport()
    if dataset in NAMES:
        folder.check_unused(dataset)
    if dataset in NAMES and look:
        raise ValueError(
            "--polarity and --paper must be for a folder of images. Received: DATASET "
            f"{dataset!r}. Drop them."
        )
    if dataset not in ("omniglot", "mnist") and data_dir is not None:
        raise ValueError(
            f"--data-dir must be for omniglot or mnist. Received: DATASET {dataset!r}. Drop it."
        )
    options: dict[str, Any] = {} if size is None else {"size": size}
    if dataset == "glyphs":
        return {"glyphs": partial(data.make_glyphs, **options)}
    if dataset == "omniglot":
        options |= {"data_dir": data_dir, "download": download}
        parts: dict[str, Callable[[], Any]] = {
            f"omniglot-{subset}": partial(data.load_omniglot, subset, **options)
            for subset in ("background", "evaluation", "small1", "small2")
        }
        return parts | {OFFICIAL_RUNS: partial(data.official_runs, **options)}
    if dataset == "mnist":
        from keras_siamese.data.datasets.archives import cache_folder, data_folder

        # Naming the cache as the data folder is how MNIST's loader is kept from downloading.
        named = data_folder(data_dir)
        options["data_dir"] = cache_folder() if named is None and not download else named
        return {
            f"mnist-{split}": partial(data.load_mnist, split, **options)
            for split in ("train", "test")
        }
    if not Path(dataset).is_dir():
        raise ValueError(
            f"DATASET must be omniglot, mnist, glyphs or a folder of images. Received: {dataset!r}"
            f", which is {what_is_at(dataset)}. Correct it."
        )
    options |= {"size": FOLDER_SIZE if size is None else size, **(look or {})}
    return {
        dataset: partial(data.load_folder, dataset, **options, **folder.layout, **report.callbacks)
    }


def _load(load: Callable[[], Any]) -> Any:
    """Load a part; what a download prints goes to stderr, out of the way of JSON."""
    with contextlib.redirect_stdout(sys.stderr):
        return load()


def _status(name: str, load: Callable[[], Any], own: bool = False) -> dict[str, Any]:
    """Read a part in full and say what it holds, and of a folder what it lacks to be used.

    The loader's errors pass through.
    """
    part = _load(load)
    if isinstance(part, data.OneShotEpisodes):
        counts = {"runs": len(part.support), "trials": part.num_trials}
    else:
        counts = _counts(part)
    detail = ", ".join(f"{count} {noun}" for noun, count in counts.items())
    status = {"part": name, "ok": True, "detail": detail}
    return status | {"missing": _missing(part)} if own else status


def _missing(part: data.ImageDataset) -> list[str]:
    """Say what a folder lacks for `classify` and for `train`."""
    import numpy as np

    _, counts = np.unique(part.character, return_counts=True)
    classes, usable = len(counts), int((counts > 1).sum())
    missing = []
    if classes < 2:
        missing.append(f"for classify: images of 2 classes or more are needed, not of {classes}")
    if usable < 4:
        way_out = "; --validation 0 trains without a score" if usable > 1 else ""
        missing.append(
            "for train: 4 classes with 2 images or more are needed, 2 of them to hold out, not "
            f"{usable}{way_out}"
        )
    return missing


def _one_each(folder: Path) -> str:
    """Say what a folder of images without class folders can be used for."""
    if not folder.is_dir():
        return ""
    found = scan_folder(folder, lambda skipped: None)
    if not found.images or found.folders:
        return ""
    return " With one image per class, named by it, `classify --support` can use it unchanged."


def _with_files(
    status: dict[str, Any], report: folders.FileReport, skip_unreadable: bool
) -> dict[str, Any]:
    """Add to a folder's status which of its files are left out or cannot be read."""
    count = len(report.unreadable)
    if count and skip_unreadable:
        status = status | {"detail": f"{status['detail']}, without {count} that cannot be read"}
    elif count:
        status = status | {"ok": False, "detail": f"{count} files cannot be read"}
    return status | report.to_json()


def _report(statuses: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(statuses, indent=2))
        return
    for status in statuses:
        mark = "ok" if status["ok"] else "BAD"
        bad_files = [] if status["ok"] else status.get("unreadable", [])
        for detail in bad_files or [status["detail"]]:
            typer.echo(f"{mark:4}{status['part']}: {detail}")
        for missing in status.get("missing", []) if status["ok"] else ():
            typer.echo(f"{'':4}missing {missing}")


def _counts(part: data.ImageDataset) -> dict[str, int]:
    labels = {"alphabets": part.alphabet, "characters": part.character, "drawers": part.drawer}
    return {"images": len(part)} | {noun: len(set(labels[noun].tolist())) for noun in labels}


def _description(part: data.ImageDataset) -> dict[str, Any]:
    """Say what a data set holds, in all and by alphabet; ink is the mean over pixels, in [0, 1]."""
    alphabets = {name: part.select(alphabets=name) for name in part.alphabet_names}
    summaries = {
        name: _counts(images) | {"ink": round(float(images.images.mean() / 255), 4)}
        for name, images in ({part.name: part} | alphabets).items()
    }
    shape = {"image_shape": list(part.images.shape[1:])}
    return {"name": part.name} | shape | summaries.pop(part.name) | {"by_alphabet": summaries}


def _print_description(description: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    shape = "x".join(map(str, description["image_shape"]))
    nouns = ("characters", "drawers", "images", "ink")
    title = escape(f"{description['name']}, images of {shape}")
    table = Table(title=title, title_justify="left")
    table.add_column("alphabet", overflow="fold")
    for noun in nouns:
        table.add_column(noun, justify="right")
    total = f"all {description['alphabets']}"
    for name, row in (description["by_alphabet"] | {total: description}).items():
        cells = [f"{row[noun]:.1%}" if noun == "ink" else str(row[noun]) for noun in nouns]
        table.add_row(escape(name), *cells)
    Console().print(table)
