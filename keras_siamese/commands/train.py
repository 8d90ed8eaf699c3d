"""`keras-siamese train`: a network from a folder of images, from Omniglot or from glyphs."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_siamese.commands import datasets, folders, networks, reading
from keras_siamese.commands.output import (
    Json,
    check_out,
    describe_point,
    print_json,
    print_status,
    printable,
    with_interval,
    working,
)

if TYPE_CHECKING:
    from keras_siamese.data import Preprocessing


def command(
    context: typer.Context,
    dataset: datasets.Name,
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="File to write: .zip for the network with its threshold, .keras for the network. "
            "Both say how images are read.",
        ),
    ],
    method: Annotated[
        str,
        typer.Option(
            metavar="episodes|pairs",
            help="Episodes of classes that are all compared with each other, or the paper's pairs.",
        ),
    ] = "episodes",
    size: Annotated[
        int | None, typer.Option(help="Side of the images in pixels; else 35, or the preset's.")
    ] = None,
    color: Annotated[
        str | None, typer.Option(metavar="grey|rgb", help="For a folder; else grey.")
    ] = None,
    from_preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Continue training a shipped network (see `keras-siamese pretrained`) instead of "
            "starting a new one.",
        ),
    ] = None,
    polarity: Annotated[
        str | None,
        typer.Option(
            metavar=reading.POLARITY_CHOICES,
            help="For a folder: what is drawn is darker or lighter than the paper, or each image "
            "is judged separately. Else as the preset's, or judged for grey images.",
        ),
    ] = None,
    paper: Annotated[
        str | None,
        typer.Option(
            metavar=reading.PAPER_CHOICES,
            help="For a folder: find the drawing in each photograph, bring paper and ink to their "
            "levels, keep all levels, also crop small signs on plain paper, or redraw. Else as the "
            "preset's, or, without --polarity, find where most images are photographs of drawings.",
        ),
    ] = None,
    ink: reading.Ink = None,
    labels: folders.Labels = folders.FOLDERS,
    label_pattern: folders.Pattern = None,
    split: folders.Split = None,
    skip_unreadable: folders.SkipUnreadable = False,
    width: Annotated[
        int | None,
        typer.Option(min=1, help="Filters of the first convolution, else 32; the rest follows."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of method episodes; else 2000.")
    ] = None,
    camera: Annotated[
        bool | None,
        typer.Option(
            "--camera/--no-camera",
            help="Distort training images as a camera does, by light, blur, noise and faint ink; "
            "else for drawings only. For method episodes.",
        ),
    ] = None,
    pairs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Number of pairs of method pairs, else 30000. (In `evaluate`, --pairs is a CSV "
            "file.)",
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs of method pairs; else 20.")
    ] = None,
    validation: Annotated[
        float,
        typer.Option(min=0, max=0.9, help="Share of the classes that are held out; 0 for none."),
    ] = 0.2,
    far: Annotated[
        float,
        typer.Option(help="False-accept rate that the threshold is chosen for, on held-out pairs."),
    ] = networks.DEFAULT_RATE,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is random.")] = 0,
    run_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the state of the run here.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue from the state in --run-dir, if it exists.")
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Throw away the state in --run-dir, if there is one.")
    ] = False,
    data_dir: datasets.DataDir = None,
    max_pixels: reading.MaxPixels = None,
    save_read: reading.SaveRead = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.")] = False,
    as_json: Json = False,
) -> None:
    """Train a network on images of classes, and score it on classes that it was not shown.

    Every class needs two images; twenty classes or more are a good start. Whole alphabets are held
    out where DATA has five or more, classes otherwise.

    Files that are no images are left out, and images that cannot be read are all listed.

    OUT is written when all is done, whole or not at all. A run with --run-dir that was stopped
    continues with --resume; without it, or --restart, it is not overwritten.
    """
    from keras_siamese.evaluation.operating_point import check_fraction
    from keras_siamese.training.checkpoints import check_start

    check_out(out, (".keras", ".zip"), overwrite)
    check_fraction("--far", far)
    check_start(run_dir, resume=resume, restart=restart)
    read_as = folders.FolderOptions(labels, label_pattern, split, skip_unreadable)
    datasets.check(dataset, data_dir=data_dir, folder=read_as)
    reading.check_folder(save_read)
    look = reading.told_look(polarity, paper, ink)
    reading.tell_notes(context)
    with working("reading"):
        images = datasets.load(
            dataset,
            subset="background",
            seed=0,
            reading=_how_to_read(dataset, from_preset, size, color, look),
            look=look,
            data_dir=data_dir,
            folder=read_as,
        )
        reading.save_dataset(save_read, images)
    with working("starting"):
        from keras_siamese.evaluation.training_report import TrainingReport
        from keras_siamese.models.network_files import save_network
        from keras_siamese.recipes import train_recognizer
    with contextlib.redirect_stdout(sys.stderr):
        recognizer = train_recognizer(
            images,
            from_preset=from_preset,
            method=method,
            width=width,
            steps=steps,
            camera=camera,
            pairs=pairs,
            epochs=epochs,
            held_out=validation,
            false_accept_rate=far,
            protocol=datasets.protocol(dataset),
            seed=seed,
            run_dir=run_dir,
            resume=resume,
            restart=restart,
        )
    report = recognizer.report or TrainingReport(images.name)
    if report.uncalibrated is not None:
        print_status(f"keras-siamese: {report.uncalibrated}")
    if report.too_few_pairs is not None:
        print_status(f"keras-siamese: {report.too_few_pairs}")
    result: dict[str, Any] = {"written": printable(out), "data": images.name}
    lines = []
    if report.one_shot is not None and report.operating_point is not None:
        one_shot, point = report.one_shot, report.operating_point
        result["one_shot"] = asdict(one_shot) | {"n_way": report.n_way, "n_shot": 1}
        result["operating_point"] = point._asdict()
        lines = [
            f"one-shot accuracy on classes held out, {report.n_way}-way, {one_shot.n} trials: "
            f"{with_interval(one_shot.accuracy, one_shot.interval)}",
            describe_point(point),
        ]
    if out.suffix == ".zip":
        recognizer.save(out)
    else:
        save_network(recognizer.model, out, preprocessing=recognizer.preprocessing)
    if as_json:
        print_json(result)
    else:
        for line in [*lines, f"wrote {printable(out)}"]:
            typer.echo(line)


def _how_to_read(
    dataset: str,
    from_preset: str | None,
    size: int | None,
    color: str | None,
    look: Mapping[str, str],
) -> Preprocessing:
    """Return how images are read, by the command line and the network that is trained further."""
    from keras_siamese.data.folders.training_images import choose_preprocessing

    known = None if from_preset is None else networks.load(from_preset).preprocessing
    chosen = choose_preprocessing(
        dataset,
        size=size,
        color=color,
        polarity=look.get("polarity"),
        paper=look.get("paper"),
        known=known,
    )
    if known is None and "paper" not in look and chosen.paper == "find":
        print_status(
            "keras-siamese: most images are photographs of drawings, so the drawing is found "
            "in each (--paper level does not)"
        )
    return chosen
