"""`keras-siamese evaluate`: how well a network does on classes that it does not know."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_siamese import data, evaluation
from keras_siamese.commands import datasets, folders, networks
from keras_siamese.commands.output import (
    Csv,
    Json,
    check_one_form,
    describe_point,
    percent,
    print_csv,
    print_json,
    with_interval,
    working,
)
from keras_siamese.commands.reading import Ink, MaxPixels, Paper, Polarity, tell_notes, told_look

if TYPE_CHECKING:
    from keras_siamese.recognizer import Recognizer

# Glyphs of this seed are other characters than those that `train glyphs` shows a network.
UNSEEN_GLYPHS = 1


def command(
    context: typer.Context,
    dataset: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="A folder of images (a folder for each class, with two images or more; see "
            "--labels), or omniglot, or glyphs. Not with --pairs.",
        ),
    ] = None,
    model: networks.Model = networks.DEFAULT,
    pairs_file: Annotated[
        Path | None,
        typer.Option(
            "--pairs",
            metavar="CSV",
            help="Score these pairs: a CSV file with the columns left, right (images, from the "
            "file's folder) and same (1 or 0). (In `train`, --pairs is a number.)",
        ),
    ] = None,
    n_way: Annotated[
        int | None,
        typer.Option(min=2, help="Classes to choose from in a trial; else 20, or all."),
    ] = None,
    n_shot: Annotated[
        int | None, typer.Option(min=1, help="Images of each class in a trial; else 1.")
    ] = None,
    threshold: networks.Threshold = None,
    far: networks.FalseAccepts = None,
    polarity: Polarity = None,
    paper: Paper = None,
    ink: Ink = None,
    labels: folders.Labels = folders.FOLDERS,
    label_pattern: folders.Pattern = None,
    split: folders.Split = None,
    skip_unreadable: folders.SkipUnreadable = False,
    max_pixels: MaxPixels = None,
    data_dir: datasets.DataDir = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of trials and pairs.")] = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Score a network on one-shot trials and on pairs.

    omniglot gives the 20 official runs of Lake et al. (400 trials, 20-way, one-shot) and 10,000
    pairs of the evaluation set; with --n-way or --n-shot the trials are drawn from that set
    instead. A folder or glyphs give 400 trials or more and up to 10,000 pairs, drawn from the seed.

    --pairs scores your pairs at the threshold: precision, recall, F1, confusion matrix.

    Scores on classes that the network was trained on say nothing about new ones.
    """
    from keras_siamese.evaluation.operating_point import effective_threshold
    from keras_siamese.evaluation.scoring_draws import draw_episodes, draw_pairs

    check_one_form(as_json, as_csv)
    look = told_look(polarity, paper, ink)
    tell_notes(context)
    if dataset is not None and pairs_file is not None:
        raise ValueError("DATA must not be given with --pairs. Received: both. Give one of them.")
    if pairs_file is not None:
        given_options = {"--n-way": n_way, "--n-shot": n_shot, "--data-dir": data_dir}
        for option in (option for option, value in given_options.items() if value is not None):
            raise ValueError(f"{option} must be for DATA. Received: --pairs. Drop it.")
        folders.FolderOptions(labels, label_pattern, split).check_unused("--pairs")
        with working("reading"):
            network = networks.load(model, threshold, far, look)
        own_scores = _scores_of_pairs(network, pairs_file, skip_unreadable)
        _print_scores(own_scores, f"{model} on {pairs_file}", as_json, as_csv)
        return
    if dataset is None:
        raise ValueError("DATA or --pairs must be given. Received: neither. Give one of them.")
    read_as = folders.FolderOptions(labels, label_pattern, split, skip_unreadable)
    datasets.check(dataset, data_dir=data_dir, folder=read_as)
    if n_way is not None:
        datasets.check_ways(dataset, n_way, n_shot or 1, folder=read_as)
    with working("reading"):
        network = networks.load(model, threshold, far, look)
        reading = network.preprocessing
        images = datasets.load(
            dataset,
            subset="evaluation",
            seed=UNSEEN_GLYPHS,
            reading=reading,
            look=look,
            data_dir=data_dir,
            folder=read_as,
        )
        if dataset == datasets.OMNIGLOT and n_way is None and n_shot is None:
            episodes = data.official_runs(size=reading.size, data_dir=data_dir)
        else:
            episodes = draw_episodes(
                images,
                n_way=n_way,
                n_shot=1 if n_shot is None else n_shot,
                protocol=datasets.protocol(dataset),
                seed=seed,
            )
    with working("scoring"):
        one_shot = evaluation.evaluate_one_shot(network.model, episodes)
        pairs = draw_pairs(images, seed=seed)
        scores = evaluation.pair_probabilities(
            network.model, images.images, pairs.left, pairs.right
        )
        limit = effective_threshold(network.threshold)
        point = evaluation.operating_point_at(scores, pairs.same, limit)
        area = evaluation.area_under_curve(scores, pairs.same)
    _, ways, shots = episodes.support.shape
    if as_json:
        result: dict[str, Any] = asdict(one_shot) | {"n_way": ways, "n_shot": shots}
        verification = point._asdict() | {"area_under_curve": area}
        print_json(
            {
                "model": model,
                "data": images.name,
                "one_shot": result,
                "verification": verification,
            }
        )
        return
    if as_csv:
        print_csv(
            ("what", "value", "low", "high", "n"),
            (
                ("one-shot accuracy", one_shot.accuracy, *one_shot.interval, one_shot.n),
                ("area under the ROC curve", area, None, None, len(pairs)),
                ("threshold", point.threshold, None, None, None),
                (
                    "false-accept rate",
                    point.false_accept_rate,
                    *point.false_accept_interval,
                    point.num_different,
                ),
                ("false-reject rate", point.false_reject_rate, None, None, point.num_same),
            ),
        )
        return
    typer.echo(f"{model} on {images.name}")
    typer.echo(
        f"one-shot accuracy, {one_shot.protocol}, {ways}-way {shots}-shot, {one_shot.n} trials: "
        f"{with_interval(one_shot.accuracy, one_shot.interval)}"
    )
    typer.echo(f"verification, {len(pairs)} pairs: area under the ROC curve {percent(area)}")
    typer.echo(describe_point(point))


def _scores_of_pairs(
    network: Recognizer, pairs_file: Path, skip_unreadable: bool
) -> evaluation.PairScores:
    report = folders.FileReport()
    skip = report.unreadable.append if skip_unreadable else None
    with working("reading"):
        images, pairs = data.load_pairs(
            pairs_file, preprocessing=network.preprocessing, on_unreadable=skip
        )
    report.refuse_unreadable(skip_unreadable)
    with working("scoring"):
        return evaluation.evaluate_pairs(network, images, pairs)


def _print_scores(scores: evaluation.PairScores, title: str, as_json: bool, as_csv: bool) -> None:
    values = scores.to_json()
    if as_json:
        print_json(values)
    elif as_csv:
        (true_rejects, false_accepts), (false_rejects, true_accepts) = values.pop(
            "confusion_matrix"
        )
        values["accuracy_low"], values["accuracy_high"] = values.pop("accuracy_interval")
        values |= {
            "true_accepts": true_accepts,
            "false_accepts": false_accepts,
            "true_rejects": true_rejects,
            "false_rejects": false_rejects,
        }
        print_csv(("what", "value"), values.items())
    else:
        typer.echo(title)
        typer.echo(repr(scores))
