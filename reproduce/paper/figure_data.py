"""What the figures show of a trained network, computed once and kept as JSON types."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from keras_siamese.data import ImageDataset, load_omniglot
from keras_siamese.evaluation import (
    area_under_curve,
    best_threshold,
    pair_probabilities,
    roc_curve,
    verification_accuracy,
)
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.models import twin_encoder
from keras_siamese.plots import choose_samples, first_kernel
from reproduce.paper.config import RunConfig
from reproduce.paper.data import RunData, TestData

# Fixed before any figure was seen, so that none is picked for its looks.
RUN, QUERY = 0, 0
SEED = 0
NUM_FILTERS = 32
ROC_POINTS = 200
PERPLEXITY = 10


def collect(
    model: keras.Model,
    data: RunData,
    test: TestData,
    config: RunConfig,
    data_dir: Path | None = None,
) -> dict[str, Any]:
    """Compute what the figures of a run need.

    Args:
        model: Siamese network, trained, in float32.
        data: The run's data.
        test: What the run was scored on.
        config: The run.
        data_dir: Folder with Omniglot, or None for `KERAS_SIAMESE_DATA` or the public download.

    Returns:
        JSON types: `trial`, `filters` (None for a net without a convolution), `roc`, `map`,
        `distortions` and `samples`, besides `name`, `data`, `size` and `seed` of the run.
    """
    drawings = data.splits.train
    if config.data == "omniglot":
        # The same drawings at full size, where a figure shows the data and not what the net sees.
        drawings = load_omniglot("background", data_dir=data_dir)
    return {
        "name": config.name,
        "data": config.data,
        "size": config.size,
        "seed": config.seed,
        "trial": trial_data(model, test),
        "filters": filter_data(model),
        "roc": roc_data(model, data, test),
        "map": embedding_data(model, data, test),
        "distortions": {"image": encode_png(drawings.images[0]), "seed": SEED},
        "samples": sample_data(drawings),
    }


def trial_data(model: keras.Model, test: TestData) -> dict[str, Any]:
    """Return the first query of the first test run, with the probability of every candidate."""
    episodes = test.episodes[0]
    query, support = episodes.queries[RUN, QUERY], episodes.support[RUN, :, 0]
    probabilities = pair_probabilities(
        model, episodes.images, np.full_like(support, query), support
    )
    return {
        "protocol": episodes.protocol,
        "alphabet": episodes.groups[RUN],
        "run": RUN + 1,
        "trial": QUERY + 1,
        "query": encode_png(episodes.images[query]),
        "support": [encode_png(image) for image in episodes.images[support]],
        "probabilities": rounded(probabilities, 5),
        "answer": int(episodes.answers[RUN, QUERY]),
    }


def filter_data(model: keras.Model) -> list | None:
    """Return the first filters of the first convolution, `(height, width, channels, n)`."""
    kernel = first_kernel(model)
    return None if kernel is None else rounded(kernel[..., :NUM_FILTERS], 4)


def roc_data(model: keras.Model, data: RunData, test: TestData) -> dict[str, Any]:
    """Return the ROC curve of the test pairs, and the point of the validation threshold."""
    validation, tested = (
        pair_probabilities(model, dataset.images, pairs.left, pairs.right)
        for dataset, pairs in (
            (data.splits.validation, data.validation_pairs),
            (data.splits.test, test.pairs),
        )
    )
    same = test.pairs.same
    threshold = best_threshold(validation, data.validation_pairs.same)
    curve = roc_curve(tested, same)
    # Points at even steps along the curve, which only rises; the ends are among them.
    way = curve.false_positive + curve.true_positive
    kept = np.unique(np.searchsorted(way, np.linspace(0, 2, ROC_POINTS)).clip(max=len(way) - 1))
    return {
        "false_positive": rounded(curve.false_positive[kept], 5),
        "true_positive": rounded(curve.true_positive[kept], 5),
        "area": round(area_under_curve(tested, same), 5),
        "pairs": len(same),
        "chosen": {
            "threshold": round(threshold, 5),
            "false_positive": round(float((tested[~same] >= threshold).mean()), 5),
            "true_positive": round(float((tested[same] >= threshold).mean()), 5),
            "accuracy": round(verification_accuracy(tested, same, threshold), 5),
        },
    }


def embedding_data(model: keras.Model, data: RunData, test: TestData) -> dict[str, Any]:
    """Return a t-SNE map of the embeddings of the first test run's alphabet.

    Source: van der Maaten and Hinton 2008. Distances are L1, as in the net's head.
    """
    from sklearn.manifold import TSNE

    alphabet = test.episodes[0].groups[RUN]
    drawings = data.splits.test.select(alphabets=alphabet)
    embeddings = encode_images(twin_encoder(model), drawings.images)
    perplexity = min(PERPLEXITY, (len(drawings) - 1) / 3)
    places = TSNE(
        perplexity=perplexity, metric="manhattan", init="pca", random_state=SEED
    ).fit_transform(embeddings)
    _, characters = np.unique(drawings.character, return_inverse=True)
    return {
        "alphabet": alphabet,
        "points": rounded(places, 2),
        "characters": characters.tolist(),
        "drawers": drawings.drawer.tolist(),
        # Marks on a map: one bit a pixel will do.
        "images": [encode_png(image) for image in np.where(drawings.images < 128, 0, 255)],
        "perplexity": perplexity,
        "seed": SEED,
    }


def sample_data(dataset: ImageDataset) -> dict[str, Any]:
    """Return characters of some alphabets, drawn from the fixed seed."""
    chosen = choose_samples(dataset, seed=SEED)
    images = {name: dataset.images[indices] for name, indices in chosen.items()}
    return {
        "dataset": dataset.name,
        "seed": SEED,
        "alphabets": {name: [encode_png(image) for image in row] for name, row in images.items()},
    }


def encode_png(image: np.ndarray) -> str:
    """Return an image `(height, width, 1)`, uint8, as a PNG in base64."""
    picture = Image.fromarray(image[..., 0].astype(np.uint8))
    if np.isin(image, (0, 255)).all():
        # One bit a pixel is exact here.
        picture = picture.convert("1")
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def png_pixels(text: str) -> np.ndarray:
    """Return the image `(height, width, 1)`, uint8, of a PNG in base64."""
    with Image.open(io.BytesIO(base64.b64decode(text))) as picture:
        return np.asarray(picture.convert("L"))[..., None]


def rounded(values: np.ndarray, digits: int) -> list:
    """Return numbers as nested lists, rounded; float64, so that they stay short."""
    return np.round(np.asarray(values, np.float64), digits).tolist()
