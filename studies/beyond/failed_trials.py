"""What the network that ships still gets wrong: the official trials it fails, and where from.

python -m studies.beyond.failed_trials   scores the weights that ship, and writes the result file

It chooses nothing: the weights are fixed before. The report draws the trials.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from reproduce import script
from studies import RESULTS

RESULT = RESULTS / "beyond" / "mistakes" / "omniglot.json"
# With 20 drawers, one of whom gives the queries, there are no more.
SHOTS = (1, 5, 10, 19)


def main(
    data: script.DataFolder = None,
    result: Annotated[Path, typer.Option(help="The result file.")] = RESULT,
) -> None:
    """Score the weights that ship once more, trial by trial, and write what they get wrong."""
    from reproduce.results import check_result_writable, write

    with script.errors_told("failed_trials"):
        check_result_writable(result)
        found = collect_failed_trials(data)
        write(result, found)
    print(f"{len(found['failed'])} of {found['trials']} official trials failed; see {result}")


def collect_failed_trials(data_dir: Path | None = None) -> dict[str, Any]:
    """Return the failed official trials, and accuracy by number of shots, as JSON types."""
    from keras_siamese.data import load_omniglot, official_runs
    from keras_siamese.evaluation.embeddings import encode_images
    from keras_siamese.evaluation.episode_scores import one_shot_scores
    from keras_siamese.models import twin_encoder
    from keras_siamese.pretrained import load_pretrained, pretrained_card
    from reproduce import provenance
    from studies.beyond.network_scores import trial_scores

    origin = provenance.origin()
    card, model = pretrained_card(), load_pretrained()
    size = card["image_size"]
    official = official_runs(data_dir=data_dir, size=size)
    failed = find_failed_trials(one_shot_scores(model, official), official.answers, official.groups)
    # Shown as they were drawn, at 105x105.
    add_images(failed, official_runs(data_dir=data_dir))
    evaluation = load_omniglot("evaluation", data_dir=data_dir, size=size)
    vectors = encode_images(twin_encoder(model), evaluation.images)
    scores = [
        entry for n_shot in SHOTS for entry in trial_scores(model, evaluation, vectors, 20, n_shot)
    ]
    return {
        "network": card["name"],
        "sha256": card["sha256"],
        "trials": official.num_trials,
        "failed": failed,
        "scores": scores,
        **origin,
    }


def find_failed_trials(
    scores: np.ndarray, answers: np.ndarray, groups: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Find the trials whose highest score is not the true class's.

    Args:
        scores: `(episodes, n_query, n_way)`, logits.
        answers: `(episodes, n_query)`, the true classes.
        groups: Alphabet of every run.

    Returns:
        Of each: `run` and `trial`, from 1; `alphabet`; `true` and `answered`, places in the support
        set; `margin`, by how many logits the true one is behind.
    """
    from keras_siamese.evaluation.episode_scores import true_and_others

    found = []
    of_answer, others = true_and_others(scores, answers)
    best = others.argmax(axis=-1)
    # A tie is an error, as in `score_episodes`.
    for run, trial in np.argwhere(of_answer <= others.max(axis=-1)).tolist():
        row, true, answered = scores[run, trial], answers[run, trial], best[run, trial]
        found.append(
            {
                "run": run + 1,
                "trial": trial + 1,
                "alphabet": groups[run],
                "true": int(true),
                "answered": int(answered),
                "margin": round(float(row[answered] - row[true]), 3),
            }
        )
    return found


def add_images(failed: list[dict[str, Any]], episodes: Any) -> None:
    """Add to each failed trial its three images, as PNG in base64."""
    from reproduce.paper.figure_data import encode_png

    for one in failed:
        run = one["run"] - 1
        places = {
            "query": episodes.queries[run, one["trial"] - 1],
            "true": episodes.support[run, one["true"], 0],
            "answered": episodes.support[run, one["answered"], 0],
        }
        one["images"] = {name: encode_png(episodes.images[place]) for name, place in places.items()}


if __name__ == "__main__":
    script.run(main)
