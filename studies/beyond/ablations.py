"""One change at a time beyond the paper, judged by held-out background alphabets alone.

python -m studies.beyond.ablations                     lists them, and what each should do
python -m studies.beyond.ablations elastic --fold 1    trains one and writes its result

All have about the same budget of computing; studies/NOTES.md shows what they gave.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from reproduce import results as files
from reproduce import script
from studies import RESULTS
from studies.beyond.ablation_list import BASE, CHANGES, TRAINING, Change

FOLDER = RESULTS / "beyond" / "ablations"


def main(
    name: Annotated[
        str | None, typer.Argument(help="An ablation; without, they are listed.")
    ] = None,
    fold: Annotated[int, typer.Option(help="Which background alphabets are held out.")] = 0,
    data: script.DataFolder = None,
    results: Annotated[Path, typer.Option(help="Folder for result files.")] = FOLDER,
) -> None:
    """Train one ablation and score what its fold holds out."""
    if name is None:
        for key, one in CHANGES.items():
            print(f"{key:14} {one.what}. Expected: {one.expected or '-'}")
        return
    with script.errors_told("ablations"):
        result = run(name, fold=fold, data=data, results=results)
    for entry in result["scores"]:
        print(f"{name:14} {entry['cell']:20} {entry['protocol']:16} {entry['value']:.2%}")


def run(name: str, *, fold: int, data: Path | None, results: Path) -> dict[str, Any]:
    """Train one ablation, write its result and return it.

    Raises:
        ValueError: If there is no such ablation or fold.
        OSError: If the result cannot be written, or data is missing.
    """
    if name not in CHANGES:
        raise ValueError(
            f"The ablation must be one of {', '.join(CHANGES)}. Received: {name!r}. Choose from "
            "that list."
        )
    from reproduce import provenance
    from studies.beyond import network_scores
    from studies.beyond.recipes import Recipe

    one = CHANGES[name]
    path = results / f"{name}-fold{fold}.json"
    files.check_result_writable(path)
    origin = provenance.origin()
    recipe = Recipe(name, size=one.size, encoder={})
    part, heldout = network_scores.training_part(recipe, fold, data)
    model, history = train_ablation(one, part)
    result = {
        "name": name,
        "fold": fold,
        "settings": asdict(one),
        "scores": ablation_scores(one, model, heldout),
        "history": history,
        "processor_seconds": round(sum(history["processor_seconds"]), 1),
        "parameters": model.count_params(),
        **origin,
    }
    files.write(path, result)
    return result


def train_ablation(one: Change, part: Any) -> tuple[Any, dict[str, list[float]]]:
    """Train an ablation's network; return it and its history."""
    import keras

    from keras_siamese.data import AffineRanges
    from keras_siamese.training import EpisodeConfig, train_episodes
    from studies.beyond import ablation_parts

    keras.utils.set_random_seed(0)
    settings = {
        **TRAINING,
        "n_shot": one.drawers - 1,
        "distortions": AffineRanges(translation=one.translation),
        **one.training,
    }
    model = ablation_parts.ablation_network(
        one.size, augment=one.augment, **{**BASE, **one.network}
    )
    return model, train_episodes(model, part, EpisodeConfig(**settings), verbose=0).history


def ablation_scores(one: Change, model: Any, heldout: Any) -> list[dict[str, Any]]:
    """Score what was held out, within and across alphabets."""
    from keras_siamese.data import sample_episodes
    from keras_siamese.evaluation import wilson_interval
    from studies.beyond import ablation_parts, network_scores

    if one.network.get("head") != "cosine":
        return network_scores.background_scores(model, heldout)
    entries = []
    for protocol in ("within-alphabet", "across-alphabets"):
        episodes = sample_episodes(heldout, num_episodes=400, protocol=protocol, seed=0)
        value = ablation_parts.cosine_accuracy(model, episodes)
        interval = list(wilson_interval(round(value * episodes.num_trials), episodes.num_trials))
        entries.append(
            {"cell": "held out", "protocol": protocol, "value": value, "interval": interval,
             "n": episodes.num_trials}
        )  # fmt: skip
    return entries


if __name__ == "__main__":
    script.run(main)
