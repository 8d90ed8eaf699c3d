"""One network beyond the paper: its data, its training, its scores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_siamese.data import (
    ImageDataset,
    load_mnist,
    load_omniglot,
    official_runs,
    sample_episodes,
    sample_pairs,
)
from keras_siamese.data.episodes import OneShotEpisodes
from keras_siamese.data.images.redraw import redraw_like_omniglot
from keras_siamese.data.omniglot_protocols import NUM_PAIRS, NUM_TRIALS, draw_trials
from keras_siamese.data.resampling import resize_images
from keras_siamese.data.splits import evaluation_parts
from keras_siamese.evaluation import (
    OperatingPoint,
    evaluate_one_shot,
    evaluate_verification,
    find_operating_point,
    pair_probabilities,
)
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.evaluation.episode_scores import episode_logits, score_episodes
from keras_siamese.models import average_mirrored, siamese_network, twin_encoder, twin_head
from reproduce.paper.scores import describe_verification, one_shot_entry
from studies.beyond.parts import OTHER_SYMMETRIES, PARTS, TEST, part_of_alphabet, parted
from studies.beyond.recipes import Recipe

FOLDS = 4
FALSE_ACCEPT_RATES = (0.01, 0.001)


def training_part(
    recipe: Recipe, fold: int | None, data_dir: Path | None = None
) -> tuple[ImageDataset, ImageDataset | None]:
    """Return the images to train on and those held out for choosing.

    Args:
        recipe: The recipe.
        fold: Which background alphabets are held out, 0 to `FOLDS - 1`; None for none. Only those
            with 20 characters or more take turns.
        data_dir: Folder with Omniglot.

    Returns:
        All drawers of the alphabets trained on, and of those held out.

    Raises:
        ValueError: If there is no such fold.
    """
    background = load_omniglot(recipe.background, data_dir=data_dir, size=recipe.size)
    if fold is None:
        return background, None
    if not 0 <= fold < FOLDS:
        raise ValueError(
            f"--fold must be from 0 to {FOLDS - 1}. Received: {fold}. Choose one of these folds."
        )
    counts = {
        name: len(np.unique(background.character[background.alphabet == place]))
        for place, name in enumerate(background.alphabet_names)
    }
    large = [name for name, count in sorted(counts.items()) if count >= 20]
    # Neighbours in the order of names have nothing in common but their first letter.
    heldout = large[fold::FOLDS]
    rest = [name for name in background.alphabet_names if name not in heldout]
    return background.select(alphabets=rest), background.select(alphabets=heldout)


def background_scores(model: keras.Model, heldout: ImageDataset) -> list[dict[str, Any]]:
    """Score the background alphabets that were held out, on 8,000 trials of each kind.

    Returns:
        Within and across alphabets, by the network itself and averaged over mirrorings.
    """
    size = heldout.image_size[0]
    entries = []
    for cell, scored in (("held out", model), ("held out, mirrored", average_mirrored(model))):
        for protocol in ("within-alphabet", "across-alphabets"):
            episodes = sample_episodes(heldout, num_episodes=400, protocol=protocol, seed=0)
            entries.append(one_shot_entry(evaluate_one_shot(scored, episodes), None, cell, size))
    return entries


def head_alone(model: keras.Model) -> keras.Model:
    """Return a siamese network of a network's embeddings, with its head."""
    vector = keras.Input(twin_encoder(model).output_shape[1:], name="embedding")
    head = siamese_network(keras.Model(vector, keras.layers.Identity()(vector)))
    twin_head(head).set_weights(twin_head(model).get_weights())
    return head


def redrawn(episodes: OneShotEpisodes, size: int) -> OneShotEpisodes:
    """Return episodes whose images are drawn again as Omniglot's drawers would have.

    Chosen on MNIST's training images.
    """
    used = np.unique(np.concatenate([episodes.support.ravel(), episodes.queries.ravel()]))
    images = np.zeros((len(episodes.images), size, size, 1), np.uint8)
    for place in used:
        # MNIST's ink is bright.
        drawing = redraw_like_omniglot(255 - episodes.images[place, ..., 0])
        images[place] = resize_images(drawing[None], (size, size))[0]
    return replace(episodes, images=images)


def trial_scores(
    model: keras.Model, evaluation: ImageDataset, vectors: np.ndarray, n_way: int, n_shot: int
) -> list[dict[str, Any]]:
    """Score trials of Omniglot's evaluation set, test and validation alphabets apart.

    Args:
        model: Siamese model.
        evaluation: All 20 drawers of the twenty alphabets.
        vectors: `(images, features)`, their embeddings.
        n_way: Classes of a trial.
        n_shot: Support images of each class.

    Returns:
        Within alphabets and across, each for both parts.
    """
    names = [evaluation.alphabet_names[place] for place in evaluation.alphabet]
    drawn = [("within-alphabet", None), *(("across-alphabets", part) for part in PARTS)]
    entries = []
    for protocol, part in drawn:
        rows = np.array([part is None or part_of_alphabet(name) == part for name in names])
        episodes = draw_trials(
            evaluation.select(indices=rows), n_way=n_way, n_shot=n_shot, protocol=protocol
        )
        logits = episode_logits(twin_head(model), vectors[rows], episodes.support, episodes.queries)
        size = evaluation.image_size[0]
        cell = f"{n_way}-way, {n_shot}-shot"
        entry = one_shot_entry(score_episodes(logits, episodes), None, cell, size)
        entries += parted([entry if part is None else {**entry, "part": part}])
    return entries


def symmetry_scores(
    model: keras.Model, size: int, data_dir: Path | None = None
) -> list[dict[str, Any]]:
    """Score a network as it was trained, and averaged over all symmetries of the square.

    Args:
        model: Siamese model that ships averaged over four mirrorings; here it is without them.
        size: Side of its images.
        data_dir: Folder with Omniglot.

    Returns:
        Both on the official runs, the second on trials within alphabets, too.
    """
    official = official_runs(data_dir=data_dir, size=size)
    evaluation = load_omniglot("evaluation", data_dir=data_dir, size=size)
    within = draw_trials(evaluation, protocol="within-alphabet")
    entries = []
    for symmetries, cell in OTHER_SYMMETRIES.items():
        scored = model if symmetries == 1 else average_mirrored(model, symmetries=symmetries)
        entry = one_shot_entry(evaluate_one_shot(scored, official), None, cell, size)
        entries.append({**entry, "part": TEST})
        if symmetries > 1:
            result = evaluate_one_shot(scored, within)
            entries += parted([one_shot_entry(result, None, cell, size)])
    return entries


def test_scores(
    model: keras.Model, size: int, data_dir: Path | None = None
) -> tuple[list[dict[str, Any]], dict[str, OperatingPoint]]:
    """Score a network whose weights are fixed, once.

    Args:
        model: Siamese model.
        size: Side of its images.
        data_dir: Folder with Omniglot and MNIST.

    Returns:
        The scores, the official runs first, and the operating points by false-accept rate: how the
        thresholds, chosen on the ten evaluation alphabets without official runs, decide the pairs
        that they were chosen on.
    """
    evaluation = load_omniglot("evaluation", data_dir=data_dir, size=size)
    official = official_runs(data_dir=data_dir, size=size)
    entries = [one_shot_entry(evaluate_one_shot(model, official), 2, "beyond", size)]
    # What follows compares the same images again and again: they are encoded once.
    vectors = encode_images(twin_encoder(model), evaluation.images)
    for n_way in (20, 5):
        for n_shot in (1, 5):
            entries += trial_scores(model, evaluation, vectors, n_way, n_shot)
    mnist = load_mnist("test", data_dir=data_dir)
    for num_episodes in (40, NUM_TRIALS // 10):
        episodes = sample_episodes(mnist, num_episodes=num_episodes, n_way=10, seed=0)
        table = 3 if num_episodes == 40 else None
        cell = f"MNIST, {10 * num_episodes} trials"
        for end, shown in (
            ("", replace(episodes, images=resize_images(episodes.images, (size, size)))),
            (", redrawn", redrawn(episodes, size)),
        ):
            result = evaluate_one_shot(model, shown)
            entries.append(one_shot_entry(result, table, cell + end, size))
    validation, test = evaluation_parts(evaluation)
    head = head_alone(model)
    known = vectors[np.isin(evaluation.alphabet, validation.alphabet)]
    unseen = encode_images(twin_encoder(model), test.images)
    pairs = sample_pairs(validation, 100_000, seed=0)
    scores = pair_probabilities(head, known, pairs.left, pairs.right)
    points = {
        f"{rate:g}": find_operating_point(scores, pairs.same, false_accept_rate=rate)
        for rate in FALSE_ACCEPT_RATES
    }
    for different, protocol in (
        ("within-alphabet", "verification"),
        ("across-alphabets", "across-alphabets"),
    ):
        test_pairs = sample_pairs(test, NUM_PAIRS, different=different, seed=1)
        verified = evaluate_verification(head, known, pairs, unseen, test_pairs)
        entries.append(describe_verification(verified, 1, "beyond", protocol, size))
    return entries, points
