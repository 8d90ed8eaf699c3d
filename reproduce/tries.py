"""Tries of what might pay beyond the paper, by held-out background alphabets alone.

python reproduce/tries.py                      lists them, with what each was expected to do
python reproduce/tries.py elastic --fold 1     trains one and writes its result

All have about the same budget of computing; reproduce/NOTES.md shows what they gave.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

# The folder above, so that the script runs from anywhere.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reproduce import script  # noqa: E402

# Before TensorFlow is imported.
script.prepare_tensorflow()

import typer  # noqa: E402

from reproduce.try_list import BASE, TRAINING, TRIES, Try  # noqa: E402

RESULTS = Path(__file__).resolve().parent / "results" / "beyond" / "tries"


def main(
    name: Annotated[str | None, typer.Argument(help="A try; without, they are listed.")] = None,
    fold: Annotated[int, typer.Option(help="Which background alphabets are held out.")] = 0,
    data: Annotated[
        Path | None, typer.Option(help="Folder with the data; else KERAS_SIAMESE_DATA or download.")
    ] = None,
    results: Annotated[Path, typer.Option(help="Folder for result files.")] = RESULTS,
) -> None:
    """Train one try and score what its fold holds out."""
    if name is None:
        for key, one in TRIES.items():
            print(f"{key:14} {one.what}. Expected: {one.expected or '-'}")
        return
    with script.errors_told("tries"):
        result = run(name, fold=fold, data=data, results=results)
    for entry in result["scores"]:
        print(f"{name:14} {entry['cell']:20} {entry['protocol']:16} {entry['value']:.2%}")


def run(name: str, *, fold: int, data: Path | None, results: Path) -> dict[str, Any]:
    """Train one try, write its result and return it.

    Raises:
        ValueError: If there is no such try or fold.
        OSError: If the result cannot be written, or data is missing.
    """
    if name not in TRIES:
        raise ValueError(f"The try must be one of {', '.join(TRIES)}. Received: {name!r}")
    from reproduce import beyond, provenance
    from reproduce.recipes import Recipe
    from reproduce.results import check_writable
    from reproduce.results import write as write_result

    one = TRIES[name]
    path = results / f"{name}-fold{fold}.json"
    check_writable(path)
    commit = provenance.commit()
    recipe = Recipe(name, size=one.size, encoder={})
    part, heldout = beyond.training_part(recipe, fold, data)
    model, history = train(one, part)
    result = {
        "name": name,
        "fold": fold,
        "settings": asdict(one),
        "scores": scores(one, model, heldout),
        "history": history,
        "processor_seconds": round(sum(history["processor_seconds"]), 1),
        "parameters": model.count_params(),
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
        "commit": commit,
    }
    write_result(path, result)
    return result


def train(one: Try, part: Any) -> tuple[Any, dict[str, list[float]]]:
    """Train a try's network; return it and its history."""
    import keras

    from keras_siamese.data import AffineRanges
    from keras_siamese.training import EpisodeConfig, train_episodes
    from reproduce import try_parts

    keras.utils.set_random_seed(0)
    settings = {
        **TRAINING,
        "n_shot": one.drawers - 1,
        "distortions": AffineRanges(translation=one.translation),
        **one.training,
    }
    model = try_parts.network(one.size, augment=one.augment, **{**BASE, **one.network})
    return model, train_episodes(model, part, EpisodeConfig(**settings), verbose=0).history


def scores(one: Try, model: Any, heldout: Any) -> list[dict[str, Any]]:
    """Score what was held out, within and across alphabets."""
    from keras_siamese.data import sample_runs
    from keras_siamese.evaluation import wilson_interval
    from reproduce import beyond, try_parts

    if one.network.get("head") != "cosine":
        return beyond.validation_scores(model, heldout)
    entries = []
    for protocol in ("within-alphabet", "across-alphabet"):
        runs = sample_runs(heldout, num_runs=400, protocol=protocol, seed=0)
        value = try_parts.cosine_accuracy(model, runs)
        interval = list(wilson_interval(round(value * runs.num_trials), runs.num_trials))
        entries.append(
            {"cell": "held out", "protocol": protocol, "value": value, "interval": interval,
             "n": runs.num_trials}
        )  # fmt: skip
    return entries


if __name__ == "__main__":
    typer.run(main)
