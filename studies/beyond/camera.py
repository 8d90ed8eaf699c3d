"""What camera-like distortions in training change, on clean drawings and on degraded ones.

python -m studies.beyond.camera    train and score what is missing, 80 seconds per row

`python -m website` puts the table into docs/training.md.

Networks of `train_recognizer` (35x35, 16 filters, 400 steps) see 200 characters of 24 background
alphabets and answer 20-way trials of six others. Only background alphabets take part.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.ndimage as ndi

from keras_siamese.data import (
    CameraRanges,
    ImageDataset,
    OneShotEpisodes,
    load_omniglot,
    sample_episodes,
)
from keras_siamese.data.resampling import resize_images
from keras_siamese.evaluation import score_episodes
from reproduce import provenance, results, script
from reproduce.table import Table
from studies import RESULTS

RESULT = RESULTS / "camera.json"
SIDE = 105
SIZE = 35
STEPS = 400
WIDTH = 16
SEEDS = (0, 1, 2)
CAMERAS: dict[str, CameraRanges | bool] = {"off": False, "on": CameraRanges()}
# Of each: whether the query alone or all images of a trial are degraded.
DEGRADED = ("query", "both")

Images = np.ndarray


def blurred_images(images: Images, sigma: float) -> Images:
    """Blur `(n, 105, 105, 1)` by a Gaussian of some pixels."""
    return ndi.gaussian_filter(images, (0, sigma, sigma, 0))


def blotches(images: Images, rng: np.random.Generator, sigma: float) -> Images:
    """Draw noise that is as smooth as a blur of `sigma` pixels leaves it."""
    return blurred_images(rng.standard_normal(images.shape), sigma)


def lit(images: Images, rng: np.random.Generator, depth: float) -> Images:
    """Let the light fall off across each image, each in another direction."""
    places = np.linspace(-0.5, 0.5, SIDE)
    angle = rng.uniform(0, 2 * np.pi, len(images))[:, None, None, None]
    x, y = places[None, None, :, None], places[None, :, None, None]
    # 1.41 is the diagonal: at 45 degrees the light falls from 1 to 1 - depth between two corners.
    return 1 - (1 - images) * (1 - depth * (0.5 + (np.cos(angle) * x + np.sin(angle) * y) / 1.41))


def rule_lines(images: Images, rng: np.random.Generator, strength: float) -> Images:
    """Rule lines of two pixels on the paper."""
    period = rng.uniform(25, 60, len(images))[:, None, None, None]
    first = rng.uniform(0, 60, len(images))[:, None, None, None]
    rows = np.arange(SIDE)[None, :, None, None]
    return np.maximum(images, strength * (np.mod(rows + first, period) < 2))


def broken(images: Images, rng: np.random.Generator, least: float) -> Images:
    """Leave gaps in the strokes, where smooth noise is below `least`."""
    # White noise that is blurred by sigma = 2 has the deviation 1 / (4 sqrt(pi)), about 1/7. So
    # `least` counts in standard deviations.
    return images * (blotches(images, rng, 2) * 7 > least)


def together(images: Images, rng: np.random.Generator) -> Images:
    """Degrade in most ways at once."""
    paper = rule_lines(0.5 * broken(images, rng, -0.8), rng, 0.2)
    return lit(blurred_images(paper, 1.5), rng, 0.15) + 0.3 * blotches(images, rng, 1)


# Ink 1 and paper 0, (n, 105, 105, 1), before the images are made small.
LOOKS: dict[str, Callable[[Images, np.random.Generator], Images]] = {
    "clean": lambda images, rng: images,
    "blur of 2 pixels": lambda images, rng: blurred_images(images, 2),
    "blur of 3 pixels": lambda images, rng: blurred_images(images, 3),
    "faint ink, 0.3": lambda images, rng: 0.3 * images,
    "noise": lambda images, rng: images + 0.6 * blotches(images, rng, 1),
    "specks": lambda images, rng: np.where(rng.random(images.shape) < 0.03, 1 - images, images),
    "light falls by 0.25": lambda images, rng: lit(images, rng, 0.25),
    "grey paper, 0.2": lambda images, rng: 0.2 + 0.8 * images,
    "ruled lines": lambda images, rng: rule_lines(images, rng, 0.5),
    "thin pen": lambda images, rng: ndi.minimum_filter(images, (1, 2, 2, 1)),
    "thick pen": lambda images, rng: ndi.maximum_filter(images, (1, 5, 5, 1)),
    "gaps in strokes": lambda images, rng: broken(images, rng, -0.5),
    "several at once": together,
}


def degraded(images: Images) -> dict[str, Images]:
    """Return `(n, 105, 105, 1)` uint8 images in every look, `(n, 35, 35, 1)`, uint8."""
    # In parts of 250 images: all of them as float64 at full size would take gigabytes.
    rng = np.random.default_rng(7)
    looks = {}
    for name, look in LOOKS.items():
        parts = [
            np.clip(look(images[i : i + 250] / 255, rng), 0, 1) for i in range(0, len(images), 250)
        ]
        pixels = np.rint(255 * np.concatenate(parts)).astype(np.uint8)
        looks[name] = resize_images(pixels, (SIZE, SIZE))
    return looks


def training_and_trials(background: ImageDataset) -> tuple[ImageDataset, OneShotEpisodes]:
    """Return 200 characters to train on, 35x35, and 1,000 trials of other alphabets, 105x105."""
    alphabets = np.random.default_rng(18).permutation(len(background.alphabet_names))
    sizes = [
        len(np.unique(background.character[background.alphabet == name])) for name in alphabets
    ]
    # Only an alphabet of 20 characters or more has 20-way trials.
    held = np.isin(background.alphabet, alphabets[np.array(sizes) >= 20][:6])
    rest = background.select(indices=np.flatnonzero(~held))
    chosen = np.random.default_rng(19).permutation(np.unique(rest.character))[:200]
    known = rest.select(indices=np.flatnonzero(np.isin(rest.character, chosen)))
    heldout = background.select(indices=np.flatnonzero(held))
    episodes = sample_episodes(heldout, num_episodes=50, n_way=20, seed=5)
    # The trials use a part of the images; each would be degraded in every look.
    used = np.unique(np.concatenate([episodes.support.ravel(), episodes.queries.ravel()]))
    place = np.zeros(len(episodes.images), np.int32)
    place[used] = np.arange(len(used))
    episodes = replace(
        episodes,
        images=episodes.images[used],
        support=place[episodes.support],
        queries=place[episodes.queries],
    )
    return known.resized(SIZE), episodes


def accuracies(
    embed: Callable[[Images], np.ndarray],
    kernel: np.ndarray,
    looks: dict[str, Images],
    episodes: OneShotEpisodes,
) -> dict[str, dict[str, float]]:
    """Score each look, with clean images of the classes and with degraded ones.

    Args:
        embed: Gives `(n, features)` for `(n, 35, 35, 1)`, uint8.
        kernel: `(features,)`, weights of the differences.
        looks: Images by look, those of `episodes`.
        episodes: The trials.

    Returns:
        For each look, shares of right answers in [0, 1] by the words of `DEGRADED`.
    """
    embeddings = {name: embed(images) for name, images in looks.items()}
    scores: dict[str, dict[str, float]] = {}
    for name, queries in embeddings.items():
        scores[name] = {}
        for how, support in zip(DEGRADED, (embeddings["clean"], queries), strict=True):
            logits = [
                [np.abs(queries[query] - support[known]) @ kernel for query in asked]
                for known, asked in zip(episodes.support[..., 0], episodes.queries, strict=True)
            ]
            scores[name][how] = score_episodes(np.array(logits), episodes).accuracy
    return scores


def load() -> list[dict[str, Any]]:
    """Return the rows of the result file; none where nothing was scored."""
    return json.loads(RESULT.read_text())["rows"] if RESULT.exists() else []


def camera_table(rows: list[dict[str, Any]]) -> Table:
    """Tabulate the means over the seeds, in %."""
    lines = []
    for look in LOOKS if rows else ():
        means = [
            np.mean([row["accuracies"][look][how] for row in rows if row["camera"] == camera])
            for how in DEGRADED
            for camera in CAMERAS
        ]
        lines.append([look, *(f"{100 * mean:.1f}" for mean in means)])
    headings = ["held-out drawings", "query degraded: off", "on", "all degraded: off", "on"]
    return Table("Camera-like distortions in training", headings, lines)


def train_and_score(
    known: ImageDataset, episodes: OneShotEpisodes, looks: dict[str, Images], camera: str, seed: int
) -> dict[str, Any]:
    """Train one network as `train_recognizer` does, and return its row."""
    from keras_siamese.models import twin_encoder, twin_head
    from keras_siamese.recipes.methods import Plan, train_on_episodes

    plan = Plan(
        width=WIDTH,
        steps=STEPS,
        seed=seed,
        camera=CAMERAS[camera],
        options={"verbose": 0},
    )
    model = train_on_episodes(known, None, plan)
    encoder = twin_encoder(model)
    scores = accuracies(
        lambda images: np.asarray(encoder.predict(images / np.float32(255), 500, verbose=0)),
        twin_head(model).get_weights()[0][:, 0],
        looks,
        episodes,
    )
    return {"camera": camera, "seed": seed, "accuracies": scores}


def main() -> None:
    """Train and score the rows that the result file lacks."""
    rows = load()
    known, episodes = training_and_trials(load_omniglot("background"))
    looks = degraded(episodes.images)
    done = {(row["camera"], row["seed"]) for row in rows}
    origin = provenance.origin()
    for seed in SEEDS:
        for camera in CAMERAS:
            if (camera, seed) not in done:
                row = train_and_score(known, episodes, looks, camera, seed)
                rows.append({**row, **origin})
                results.write(RESULT, {"trials": episodes.num_trials, "rows": rows})
    print(camera_table(rows).markdown())


if __name__ == "__main__":
    script.run(main)
