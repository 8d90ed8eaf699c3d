"""One run from packages to weights and card."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_siamese.atomic import atomic_write
from keras_siamese.data import ImageDataset
from keras_siamese.models import average_mirrored
from keras_siamese.pretrained import load_pretrained, pretrained_card, write_pretrained
from keras_siamese.training import EpisodeResult
from reproduce import provenance
from studies.signs import sign_training
from studies.signs.card import NAME, development_entries, fit_probabilities, sign_card
from studies.signs.domains import DOMAINS, load_domain
from studies.signs.packages import RUNS, Package, code_mark, package
from studies.signs.training_set import training_set
from studies.signs.trial_logits import read_domain


def build_data(
    seed: int, data: Path | None = None, folder: Path = RUNS
) -> tuple[ImageDataset, list[Package]]:
    """Render the training set, or read it back where it was rendered by the same code.

    Args:
        seed: Seed of what is chosen and of the looks.
        data: Folder with Omniglot; None as in `load_omniglot`.
        folder: Where it is kept.

    Returns:
        The data set, and the packages that it was made of.
    """
    mark = code_mark(_MODULES, json.dumps(KEPT.to_json()))
    path = folder / f"training-{seed}-{mark}.npz"
    if not path.is_file():
        found = training_set(KEPT, seed, data)
        made = found.dataset()
        names = {
            "alphabets": made.alphabet_names,
            "characters": made.character_names,
            "sources": sorted(source.name for source in found.sources),
        }
        buffer = io.BytesIO()
        np.savez(
            buffer, images=made.images, alphabet=made.alphabet, character=made.character,
            drawer=made.drawer, names=np.array(json.dumps(names)),
        )  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(buffer.getvalue())
    with np.load(path) as stored:
        names = json.loads(str(stored["names"]))
        dataset = ImageDataset(
            images=stored["images"],
            alphabet=stored["alphabet"],
            character=stored["character"],
            drawer=stored["drawer"],
            alphabet_names=tuple(names["alphabets"]),
            character_names=tuple(names["characters"]),
            name="signs",
            preprocessing=KEPT,
        )
    return dataset, [package(name) for name in names["sources"]]


def run(
    *, seed: int, steps: int | None, data: Path | None, write: bool, folder: Path = RUNS
) -> dict[str, Any]:
    """Train one network and return its card.

    Args:
        seed: Seed of data, weights and episodes.
        steps: Steps of a single stage; None for the stages of what ships.
        data: Folder with Omniglot and MNIST; None as in `load_omniglot`.
        write: Whether to renew the weights that ship.
        folder: Where data and states are kept.

    Returns:
        The card, with scores on the development sets.

    Raises:
        ValueError: If what ships would come from other steps than the recipe's.
        OSError: If a package cannot be fetched, or a folder cannot be written.
    """
    if write and steps is not None:
        raise ValueError(
            "--write and --steps must not come together: the recipe rebuilds what ships. Received: "
            f"--steps {steps}. Drop one of them."
        )
    commit = provenance.commit()
    dataset, sources = build_data(seed, data, folder)
    stages = sign_training.STAGES
    if steps is not None:
        stages = (replace(sign_training.EPISODES, steps=steps),)
    label = "-".join(str(stage.steps) for stage in stages)
    model = sign_training.sign_network(seed=seed)
    done = sign_training.train_signs(
        model, dataset.resized(sign_training.SIZE), stages=stages, seed=seed,
        run_dir=folder / f"run-{label}-seed{seed}",
    )  # fmt: skip
    model = average_mirrored(model)
    trained = {
        "command": "python -m studies.signs",
        "minutes": round(sum(map(_processor_minutes, done)), 1),
        "seed": seed,
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
        "commit": commit,
    }
    return _calibrated(model, sources, trained, write)


def calibrate_shipped(*, write: bool) -> dict[str, Any]:
    """Calibrate and score the weights that ship once more, for example as pictures are read anew.

    Args:
        write: Whether to renew the weights that ship; of those only the head changes.

    Returns:
        The card, with scores on the development sets, and at which commit this was done.

    Raises:
        OSError: If a package cannot be fetched, or a folder cannot be written.
    """
    shipped = pretrained_card(NAME)
    trained = {**shipped["training"], "calibrated_at": provenance.commit()}
    model = load_pretrained(NAME)
    sources = [package(source["package"]) for source in shipped["sources"]]
    # Embeddings stay, and what is learned on them.
    kept = {name: shipped[name] for name in ("novelty",) if name in shipped}
    return _calibrated(model, sources, trained, write, kept)


def _calibrated(
    model: keras.Model,
    sources: list[Package],
    trained: dict[str, Any],
    write: bool,
    kept: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Set probabilities and thresholds of a network, score it, and return its card."""
    domains = {name: load_domain(name, "development") for name in DOMAINS}
    images = {
        name: (domain, read_domain(domain, sign_training.READING))
        for name, domain in domains.items()
    }
    found = sign_card(
        thresholds=fit_probabilities(model, images),
        scores=development_entries(model, images),
        sources=sources,
        parameters=model.count_params(),
        mirrored=True,
        training=trained,
    ) | (kept or {})
    if write:
        write_pretrained(model, found)
    return found


def _processor_minutes(result: EpisodeResult) -> float:
    return sum(result.history["processor_seconds"]) / 60


# How the training set's pictures are read: whole, as they are moved and scaled in training.
KEPT = replace(
    sign_training.READING, size=(sign_training.KEPT_SIZE, sign_training.KEPT_SIZE), paper="keep"
)
_MODULES = (
    "training_set made_pictures picture_looks photographs font_glyphs vector naming heldout".split()
)
