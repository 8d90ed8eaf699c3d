"""`keras-siamese evaluate`: how well a network does on classes that it does not know."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

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

# Glyphs of this seed are other characters than those that `train glyphs` shows a network.
UNSEEN_GLYPHS = 1


def command(
    dataset: datasets.Name,
    model: networks.Model = networks.DEFAULT,
    n_way: Annotated[
        int | None,
        typer.Option(help="Classes to choose from in a trial; else 20, or all."),
    ] = None,
    n_shot: Annotated[
        int | None, typer.Option(help="Images of each class in a trial; else 1.")
    ] = None,
    threshold: networks.Threshold = None,
    far: networks.FalseAccepts = None,
    ink: networks.Ink = None,
    labels: folders.Labels = folders.FOLDERS,
    label_pattern: folders.Pattern = None,
    split: folders.Split = None,
    skip_unreadable: folders.SkipUnreadable = False,
    data_dir: datasets.DataDir = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of trials and pairs.")] = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Score a network on one-shot trials and on pairs.

    omniglot gives the 20 official runs of Lake et al. (400 trials, 20-way, one-shot) and 10,000
    pairs of the evaluation set; with --n-way or --n-shot the trials are drawn from that set
    instead. A folder or glyphs give 400 trials or more and up to 10,000 pairs, drawn from the seed.

    Scores on classes that the network was trained on say nothing about new ones.
    """
    from keras_siamese.data.scoring_draws import draw_pairs, draw_runs
    from keras_siamese.recognizer import MIDDLE

    check_one_form(as_json, as_csv)
    with working("reading"):
        network = networks.load(model, threshold, far, ink)
        reading = network.preprocessing
        images = datasets.load(
            dataset,
            subset="evaluation",
            seed=UNSEEN_GLYPHS,
            reading=reading,
            ink=ink,
            data_dir=data_dir,
            folder=folders.FolderOptions(labels, label_pattern, split, skip_unreadable),
        )
        if dataset == datasets.OMNIGLOT and n_way is None and n_shot is None:
            runs = data.official_runs(size=reading.size, data_dir=data_dir)
        else:
            runs = draw_runs(
                images,
                n_way=n_way,
                n_shot=1 if n_shot is None else n_shot,
                protocol=datasets.protocol(dataset),
                seed=seed,
            )
    with working("scoring"):
        one_shot = evaluation.evaluate_one_shot(network.model, runs)
        pairs = draw_pairs(images, seed=seed)
        scores = evaluation.pair_probabilities(
            network.model, images.images, pairs.left, pairs.right
        )
        limit = MIDDLE if network.threshold is None else network.threshold
        point = evaluation.operating_point_at(scores, pairs.same, limit)
        area = evaluation.area_under_curve(scores, pairs.same)
    _, ways, shots = runs.support.shape
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
