"""Train the networks that go beyond the paper, score them, and write the weights that ship.

python -m studies.beyond.train_pretrained small              train, score once, write a result
python -m studies.beyond.train_pretrained small --fold 0     choose: hold alphabets out
python -m studies.beyond.train_pretrained features --write   and renew the weights that ship

What ships was made by `features --seed 0 --write` in two hours of one core of an AMD EPYC (Zen 3),
about half of it on two, and some minutes of scoring; it answered 98.25% of the official runs.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from reproduce import script
from reproduce.results import RUNS

DESCRIPTION = (
    "Compares handwritten characters: how likely two drawings are of the same one. One encoder "
    "called on two inputs, a weighted L1 distance, a sigmoid (Koch et al. 2015), trained on "
    "episodes."
)
LIMITS = (
    "Trained on characters drawn in thin strokes on a screen, one character an image, and on "
    "nothing else: not for faces, signatures, words or photographs, and not for identifying people."
)


def main(
    recipe: Annotated[str, typer.Argument(help="A recipe of beyond/recipes.py.")] = "small",
    seed: Annotated[int, typer.Option(help="Seed of weights and episodes.")] = 0,
    fold: Annotated[
        int | None,
        typer.Option(help="Hold these background alphabets out (0 to 3), and score only them."),
    ] = None,
    set_: script.Settings = None,
    data: script.DataFolder = None,
    runs: Annotated[Path, typer.Option(help="Folder for states.")] = RUNS,
    results: Annotated[
        Path | None, typer.Option(help="Folder for result files; else a folder in --runs.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Renew the weights that ship with the package.")
    ] = False,
) -> None:
    """Train, score and write a result file; an interrupted run continues where it was."""
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
    from reproduce import provenance
    from reproduce.results import check_result_writable
    from reproduce.results import write as write_result
    from studies.beyond import network_scores
    from studies.beyond.recipes import RECIPES

    if name not in RECIPES:
        raise ValueError(
            f"The recipe must be one of {', '.join(RECIPES)}. Received: {name!r}. Choose from that "
            "list."
        )
    if write and fold is not None:
        raise ValueError(
            "--write and --fold must not come together: what ships is trained on all. Received: "
            f"--fold {fold}. Drop one of them."
        )
    if write and settings:
        raise ValueError(
            "--write and --set must not come together: the recipe rebuilds what ships. Received: "
            f"--set {' '.join(settings)}. Change the recipe."
        )
    recipe = RECIPES[name].override(**settings)
    recipe = replace(recipe, episodes=replace(recipe.episodes, seed=seed))
    label = run_label(recipe.name, seed, settings, fold)
    path = results_dir / f"{label}.json"
    check_result_writable(path)
    if write:
        check_result_writable(WEIGHTS / "omniglot.npz")
    origin = provenance.origin()
    part, heldout = network_scores.training_part(recipe, fold, data)
    model = build({"image_size": recipe.size, "encoder": {**recipe.encoder, "seed": seed}})
    training = train_episodes(
        model, part, recipe.episodes, run_dir=runs / label, resume=True,
        settings=recipe.described(),
    )  # fmt: skip
    points: dict[str, Any] = {}
    if heldout is not None:
        scores = network_scores.background_scores(model, heldout)
    else:
        plain, model = model, average_mirrored(model) if recipe.mirrored else model
        others, _ = evaluation_parts(load_omniglot("evaluation", data_dir=data, size=recipe.size))
        calibrate(model, others.images, sample_pairs(others, 20_000, seed=2))
        # As they ship: in float16.
        model.set_weights([np.float32(np.float16(value)) for value in model.get_weights()])
        scores, points = network_scores.test_scores(model, recipe.size, data)
        if recipe.mirrored:
            scores += network_scores.symmetry_scores(plain, recipe.size, data)
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
        **origin,
    }
    write_result(path, result)
    if write:
        write_pretrained(model, result_card(result))
    return result


def run_label(name: str, seed: int, settings: dict[str, Any], fold: int | None) -> str:
    """Name a run so that no run with other settings takes its place."""
    from reproduce.results import settings_mark

    return f"{name}{settings_mark(settings)}{'' if fold is None else f'-fold{fold}'}-seed{seed}"


def result_card(result: dict[str, Any], name: str = "omniglot") -> dict[str, Any]:
    """Write a result as the card that ships with the weights."""
    from keras_siamese.data import Preprocessing
    from studies.beyond.parts import OTHER_SYMMETRIES, parted

    recipe = result["recipe"]
    return {
        "name": name,
        "description": DESCRIPTION,
        "limits": LIMITS,
        "license": "MIT, weights and data",
        "data": "Omniglot's background set: 30 alphabets, 964 characters, 20 drawers each "
        "(Lake et al. 2015). Probabilities and thresholds: the ten alphabets of the evaluation "
        "set without official runs.",
        "image_size": recipe["size"],
        "preprocessing": Preprocessing(recipe["size"], paper="find").to_json(),
        "encoder": recipe["encoder"],
        "mirrored": recipe.get("mirrored", False),
        "parameters": result["parameters"],
        "thresholds": {
            rate: point["threshold"] for rate, point in result["operating_points"].items()
        },
        "scores": [
            {
                "what": f"{entry['metric']}, {entry['cell']}",
                **{key: entry[key] for key in ("protocol", "part", "value", "interval", "n")},
            }
            for entry in parted(result["scores"])
            if entry["cell"] not in OTHER_SYMMETRIES.values()
        ],
        "training": {
            "command": f"python -m studies.beyond.train_pretrained {recipe['name']} "
            f"--seed {result['seed']} --write",
            "processor_minutes": round(result["processor_seconds"] / 60, 1),
            **{key: result[key] for key in ("seed", "hardware", "versions", "commit")},
        },
    }


def card_cell(score: dict[str, Any]) -> str:
    """Return the cell of a score of a card, which `result_card` wrote behind its metric."""
    return score["what"].partition(", ")[2]


if __name__ == "__main__":
    script.run(main)
