"""Train the networks that go beyond the paper, score them, and write the weights that ship.

python reproduce/train_pretrained.py small                    train, score once, write a result
python reproduce/train_pretrained.py small --fold 0           choose: hold background alphabets out
python reproduce/train_pretrained.py features --write         and renew the weights that ship

What ships was made by `features --seed 0 --write` in two hours of one core of an AMD EPYC (Zen 3),
about half of it on two, and some minutes of scoring; it answered 98.25% of the official runs.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

# The folder above, so that the script runs from anywhere.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reproduce import script  # noqa: E402

# Before TensorFlow is imported.
script.prepare_tensorflow()

import typer  # noqa: E402

HERE = Path(__file__).resolve().parent


def main(
    recipe: Annotated[str, typer.Argument(help="A recipe of reproduce/recipes.py.")] = "small",
    seed: Annotated[int, typer.Option(help="Seed of weights and blocks.")] = 0,
    fold: Annotated[
        int | None,
        typer.Option(help="Hold these background alphabets out (0 to 3), and score only them."),
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Another setting, as name=value in JSON.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder with the data; else KERAS_SIAMESE_DATA or download.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder for states.")] = HERE / "runs",
    results: Annotated[
        Path | None, typer.Option(help="Folder for result files; else a folder in --runs.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Renew the weights that ship with the package.")
    ] = False,
) -> None:
    """Train, score and write a result file; an interrupted run goes on where it was."""
    interrupted = "The same command resumes it."
    with script.errors_told("train_pretrained", interrupted=interrupted):
        from reproduce.results import parse_settings

        settings = parse_settings(set_ or [])
        result = run(
            recipe, seed=seed, fold=fold, settings=settings, data=data, runs=runs,
            results_dir=results or runs / "results", write=write,
        )  # fmt: skip
    for entry in result["scores"]:
        low, high = entry["interval"]
        print(
            f"{entry['cell']:22} {entry['protocol']:16} {entry['value']:.2%} "
            f"[{low:.1%}, {high:.1%}]  n={entry['n']}"
        )


def run(
    name: str,
    *,
    seed: int,
    fold: int | None,
    settings: dict[str, Any],
    data: Path | None,
    runs: Path,
    results_dir: Path,
    write: bool,
) -> dict[str, Any]:
    """Train one network and return its result, which is also written.

    Raises:
        ValueError: If there is no such recipe or setting, or the weights that ship would come from
            a run that held alphabets out or had other settings.
        OSError: If a folder cannot be written, or data is missing.
    """
    import numpy as np

    from keras_siamese.data import load_omniglot, sample_pairs
    from keras_siamese.data.splits import evaluation_parts
    from keras_siamese.models import average_mirrored
    from keras_siamese.pretrained import WEIGHTS, build, write_pretrained
    from keras_siamese.training import calibrate, train_episodes
    from reproduce import beyond, provenance
    from reproduce.card import card
    from reproduce.recipes import RECIPES
    from reproduce.results import check_writable
    from reproduce.results import write as write_result

    if name not in RECIPES:
        raise ValueError(f"The recipe must be one of {', '.join(RECIPES)}. Received: {name!r}")
    if write and fold is not None:
        raise ValueError("--write and --fold exclude each other: what ships is trained on all.")
    if write and settings:
        raise ValueError(
            "--write and --set exclude each other: the recipe alone rebuilds what ships. Received: "
            f"--set {' '.join(settings)}. Change the recipe."
        )
    recipe = RECIPES[name].override(**settings)
    recipe = replace(recipe, episodes=replace(recipe.episodes, seed=seed))
    label = run_label(recipe.name, seed, settings, fold)
    path = results_dir / f"{label}.json"
    check_writable(path)
    if write:
        check_writable(WEIGHTS / "omniglot.npz")
    commit = provenance.commit()
    part, heldout = beyond.training_part(recipe, fold, data)
    model = build({"image_size": recipe.size, "encoder": {**recipe.encoder, "seed": seed}})
    training = train_episodes(
        model, part, recipe.episodes, run_dir=runs / label, resume=True,
        settings=recipe.described(),
    )  # fmt: skip
    points: dict[str, Any] = {}
    if heldout is not None:
        scores = beyond.validation_scores(model, heldout)
    else:
        plain, model = model, average_mirrored(model) if recipe.mirrored else model
        others, _ = evaluation_parts(load_omniglot("evaluation", data_dir=data, size=recipe.size))
        calibrate(model, others.images, sample_pairs(others, 20_000, seed=2))
        # As they ship: in float16.
        model.set_weights([np.float32(np.float16(value)) for value in model.get_weights()])
        scores, points = beyond.test_scores(model, recipe.size, data)
        if recipe.mirrored:
            scores.append(beyond.plain_score(plain, recipe.size, data))
    result = {
        "recipe": recipe.described(),
        "seed": seed,
        "fold": fold,
        "scores": scores,
        "operating_points": {rate: point._asdict() for rate, point in points.items()},
        "training": {"steps": training.steps, "history": training.history},
        "parameters": model.count_params(),
        "seconds": round(sum(training.history["seconds"]), 1),
        "processor_seconds": round(sum(training.history["processor_seconds"]), 1),
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
        "commit": commit,
    }
    write_result(path, result)
    if write:
        write_pretrained(model, card(result))
    return result


def run_label(name: str, seed: int, settings: dict[str, Any], fold: int | None) -> str:
    """Name a run so that no run with other settings takes its place."""
    from reproduce.results import settings_mark

    return f"{name}{settings_mark(settings)}{'' if fold is None else f'-fold{fold}'}-seed{seed}"


if __name__ == "__main__":
    typer.run(main)
