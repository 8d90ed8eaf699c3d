"""The best recipe for anybody's images: read, hold classes out, train, score, calibrate."""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_siamese.data.arrays import load_arrays
from keras_siamese.data.camera import CameraRanges
from keras_siamese.data.dataset import ImageDataset
from keras_siamese.data.folder import load_folder
from keras_siamese.data.heldout import check_classes, hold_out_classes
from keras_siamese.data.keywords import FOLDER_OPTIONS, check_keywords
from keras_siamese.data.labelled_pictures import read_labelled
from keras_siamese.data.pair_table import PairTable
from keras_siamese.data.photographed import choose_paper
from keras_siamese.data.preprocessing import OnUnreadable, Preprocessing
from keras_siamese.data.scoring_draws import draw_pairs, draw_runs
from keras_siamese.data.unreadable import all_reasons
from keras_siamese.evaluation import evaluate_one_shot, find_operating_point, pair_probabilities
from keras_siamese.evaluation.novelty import Novelty
from keras_siamese.evaluation.operating_point import check_fraction
from keras_siamese.evaluation.training_report import TrainingReport
from keras_siamese.models import average_mirrored, siamese_network
from keras_siamese.models.mirrored import is_mirrored, without_mirroring
from keras_siamese.recognizer import Recognizer
from keras_siamese.training import calibrate
from keras_siamese.training.methods import METHODS, Plan

# Side of the images, in pixels, unless told otherwise.
SIDE = 35
# Training images and held-out ones that say what is unlike them.
MOST_ENCODED = 2000
# Rate at which a network that ships is trained further.
FINE_TUNING_RATE = 5e-4


def train_recognizer(
    data: Any,
    labels: Any = None,
    *,
    size: int | tuple[int, int] | None = None,
    color: str | None = None,
    paper: str | None = None,
    preprocessing: Preprocessing | None = None,
    backbone: keras.Model | None = None,
    from_preset: str | None = None,
    method: str = "episodes",
    width: int | None = None,
    steps: int | None = None,
    learning_rate: float | None = None,
    camera: bool | CameraRanges | None = None,
    pairs: int | None = None,
    epochs: int | None = None,
    held_out: float | Sequence[str] = 0.2,
    false_accept_rate: float = 0.01,
    protocol: str = "across-alphabet",
    seed: int = 0,
    run_dir: str | os.PathLike[str] | None = None,
    resume: bool = False,
    skip_unreadable: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
    **folder_options: Any,
) -> Recognizer:
    """Train a network on images of classes, and score it on classes that it was not shown.

    A network of small convolutions is trained on blocks of up to 20 classes, all of whose images
    are compared with each other, in steps of Muon, or of AdamW for a backbone of your own
    (docs/beyond.md). The classes that are held out give the score, fit the probabilities, and
    choose the threshold. With `run_dir`, the state is
    saved after every epoch: a run that was stopped and is resumed comes to the same network as one
    that was not, with the same seed on the same machine.

    Args:
        data: Two images or more of each class; twenty classes or more are a good start. A folder
            with one subfolder per class, as for `load_folder`; a mapping from name to images;
            `(images, labels)`; images, with `labels` beside; or an `ImageDataset`. Images are as
            `Recognizer` takes them: paths, PIL images, or arrays as in a file.
        labels: `(n,)`, the class of each image, where `data` is images alone; an array
            `(n, height, width)` is then n grey images. For a folder, as for `load_folder`.
        size: Side of the images in pixels, or (height, width). None for 35, or what the backbone
            or the preset takes.
        color: "grey" or "rgb"; None for "grey", or what the backbone or the preset takes.
        paper: How grey pictures are read, as `Preprocessing` has it. None for "find" where most of
            them are photographs of drawings (`keras_siamese.data.photographed`), else for "level";
            or what the preset takes.
        preprocessing: How images are read, instead of `size`, `color` and `paper`.
        backbone: Any Keras model from an image in [0, 1] to a vector, instead of a new network,
            such as one of `keras.applications` behind a `Rescaling` layer. Its weights are trained,
            except for those of layers with `trainable=False`.
        from_preset: Name of a network that ships, to train further.
        method: "episodes"; or "pairs", the paper's way.
        width: Filters of the first convolution of a new network; the rest follows. None for 32.
        steps: Steps of method "episodes"; None for 2,000.
        learning_rate: Rate of the first step of method "episodes"; it falls to zero along a half
            cosine. None for 0.001, or 0.0005 with `from_preset`.
        camera: Camera-like distortions of the images that method "episodes" trains on, such as
            light, blur, noise and faint ink: ranges of your own; True for those that fit the
            images, drawings or pictures; False for none. None for True with drawings (grey, with
            paper levelled or redrawn), and False with others.
        pairs: Undistorted pairs of method "pairs"; None for 30,000.
        epochs: Epochs of method "pairs", of up to 10,000 pairs; None for 20.
        held_out: Share in (0, 1) of the classes (or of the alphabets, where there are five or more)
            that no step sees; or the names of those classes; or 0 for none.
        false_accept_rate: Share in [0, 1] of the different held-out pairs that the threshold may
            call the same.
        protocol: How one-shot trials are drawn from the held-out classes, as for `sample_runs`:
            "within-alphabet" where a drawer's number means one person in the whole alphabet.
        seed: Seed of all that is random.
        run_dir: Folder in which the state of the run is kept.
        resume: Go on from the state in `run_dir`, if there is one.
        skip_unreadable: Leave out images that cannot be read; `report.unreadable` lists them.
            Otherwise they are an error, which lists them, before the training starts.
        callbacks: Further Keras callbacks.
        verbose: 0 is silent; 1 shows what is trained on, a line for every epoch and, on a terminal,
            a bar.
        **folder_options: `label_pattern`, `split` and `on_skipped` of `load_folder`, for a folder.

    Returns:
        A `Recognizer`, not fitted, with threshold and calibrated probabilities, which warns of
        images unlike those that it was trained on; `report` has the scores on the held-out classes.

    Raises:
        ValueError: If an argument is out of range or does not fit the others, there are too few
            classes or images, images cannot be read, or the saved run had another configuration.
        TypeError: If there is no argument of a name.
        DivergedError: If the loss is no longer finite.
        OSError: If files cannot be read, or `run_dir` cannot be written.

    Example:
        ```python
        recognizer = train_recognizer("my_images", size=64, color="rgb")
        print(recognizer.report)
        recognizer.save("parts.zip")
        ```
    """
    own = inspect.signature(train_recognizer).parameters
    check_keywords("train_recognizer", folder_options, FOLDER_OPTIONS, own)
    check_fraction("false_accept_rate", false_accept_rate)
    start = _start(backbone, from_preset, width, seed)
    if learning_rate is None and from_preset is not None:
        learning_rate = FINE_TUNING_RATE
    options: dict[str, Any] = {"callbacks": callbacks, "verbose": verbose}
    options |= {"run_dir": None if run_dir is None else Path(run_dir), "resume": resume}
    if from_preset is not None:
        options["settings"] = {"from_preset": from_preset}
    plan = Plan(
        method,
        width=width,
        network=start.network,
        optimizer="muon" if backbone is None else "adamw",
        steps=steps,
        learning_rate=learning_rate,
        camera=camera,
        pairs=pairs,
        epochs=epochs,
        seed=seed,
        options=options,
    )
    reading = _reading(start, size, color, paper, preprocessing, data)
    unreadable: list[Exception] = []
    images = _images(data, labels, reading, unreadable.append, folder_options)
    if unreadable and not skip_unreadable:
        raise ValueError(_all_unreadable(unreadable))
    known, unseen = _parted(images, held_out, seed)
    runs = None if unseen is None else draw_runs(unseen, protocol=protocol, seed=seed)
    if verbose:
        beside = "" if unseen is None else f"\nvalidating on {unseen}"
        print(f"training on {known}{beside}\nread with {reading}", flush=True)
    model = METHODS[method](known, runs, plan)
    if start.mirrored:
        model = average_mirrored(model)
    told = tuple(map(str, unreadable))
    if unseen is None or runs is None:
        recognizer = Recognizer(model, reading)
        recognizer.report = TrainingReport(images.name, unreadable=told)
        recognizer.novelty = _novelty(recognizer, known, None, seed)
        return recognizer
    one_shot = evaluate_one_shot(model, runs)
    table = draw_pairs(unseen, seed=seed)
    uncalibrated = _calibrate(model, unseen, table)
    scores = pair_probabilities(model, unseen.images, table.left, table.right)
    point = find_operating_point(scores, table.same, false_accept_rate=false_accept_rate)
    recognizer = Recognizer(
        model,
        reading,
        threshold=point.threshold,
        thresholds={false_accept_rate: point.threshold},
    )
    recognizer.operating_point = point
    recognizer.novelty = _novelty(recognizer, known, unseen, seed)
    recognizer.report = TrainingReport(
        images.name,
        held_out=tuple(sorted(set(unseen.labels.tolist()))),
        n_way=int(runs.support.shape[1]),
        one_shot=one_shot,
        operating_point=point,
        uncalibrated=uncalibrated,
        unreadable=told,
        false_accept_rate=false_accept_rate,
    )
    return recognizer


@dataclass(frozen=True)
class _Start:
    """What the training starts from.

    Attributes:
        network: Siamese network to train; None for a new one.
        preprocessing: How the network's images are read, where it is known.
        shape: Height, width and channels that it takes; None where it is new.
        mirrored: Whether its answers are to be averaged over mirror images afterwards.
    """

    network: keras.Model | None = None
    preprocessing: Preprocessing | None = None
    shape: tuple[int | None, int | None, int] | None = None
    mirrored: bool = False


def _start(
    backbone: keras.Model | None, from_preset: str | None, width: int | None, seed: int
) -> _Start:
    given = {"backbone": backbone, "from_preset": from_preset, "width": width}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise ValueError(
            f"`{named[0]}` and `{named[1]}` exclude each other: one says what is trained. Leave "
            "one out."
        )
    if from_preset is not None:
        preset = Recognizer.from_preset(from_preset)
        # One mirror image of four in each step is a quarter of the work.
        mirrored = is_mirrored(preset.model)
        network = without_mirroring(preset.model) if mirrored else preset.model
        return _Start(network, preset.preprocessing, preset.preprocessing.shape, mirrored)
    if backbone is not None:
        network = siamese_network(backbone, seed=seed, initializer="he")
        shape = tuple(network.inputs[0].shape[1:])
        if len(shape) != 3 or shape[2] not in (1, 3):
            raise ValueError(
                "`backbone` must take images with 1 or 3 channels. Received: one that takes "
                f"{shape}. Put what brings images there into it."
            )
        return _Start(network, shape=shape)
    return _Start()


def _reading(
    start: _Start,
    size: int | tuple[int, int] | None,
    color: str | None,
    paper: str | None,
    preprocessing: Preprocessing | None,
    data: Any,
) -> Preprocessing:
    """Return how images are read, from what the caller, the network and the data say."""
    if preprocessing is not None:
        if any(value is not None for value in (size, color, paper)):
            raise ValueError(
                "`preprocessing` says size, colour and paper already. Received: `size`, `color` or "
                "`paper` as well. Leave them out."
            )
        wanted = preprocessing
    elif isinstance(data, ImageDataset):
        if any(value is not None for value in (size, color, paper)):
            raise ValueError(
                "`size`, `color` and `paper` are for images that are still to be read. Received: "
                f"the data set {data.name!r}. Leave them out, or take data.resized(size)."
            )
        channels = data.images.shape[3]
        if data.preprocessing is None and channels not in (1, 3):
            raise ValueError(
                f"`data` must hold images with 1 or 3 channels. Received: {channels}. Train such "
                "networks with train_episodes."
            )
        wanted = data.preprocessing or Preprocessing(data.image_size, _color(channels))
    elif start.preprocessing is not None and size is None and color is None and paper is None:
        wanted = start.preprocessing
    else:
        height, width, channels = start.shape or (SIDE, SIDE, 1)
        color = color or _color(channels)
        if paper is None and color == "grey":
            paper = choose_paper(data)
        wanted = Preprocessing(
            (height or SIDE, width or SIDE) if size is None else size, color, paper=paper
        )
    fits = start.shape is None or all(
        side in (None, got) for side, got in zip(start.shape, wanted.shape, strict=True)
    )
    if not fits:
        raise ValueError(
            f"Images must have the network's shape {start.shape} (height, width, channels). "
            f"Received: {wanted.shape}. Leave `size` and `color` out, and read data sets with that "
            "size and colour."
        )
    read_by = data.preprocessing if isinstance(data, ImageDataset) else None
    if read_by is not None and wanted != read_by:
        raise ValueError(
            f"`preprocessing` must be that of the data set, {read_by}. Received: {wanted}. Leave "
            "it out."
        )
    return wanted


def _color(channels: int) -> str:
    return "grey" if channels == 1 else "rgb"


def _images(
    data: Any,
    labels: Any,
    reading: Preprocessing,
    on_unreadable: OnUnreadable,
    folder_options: dict[str, Any],
) -> ImageDataset:
    """Read what is trained on."""
    if isinstance(data, ImageDataset) and labels is None and not folder_options:
        return data
    if isinstance(data, str | os.PathLike):
        if labels is not None:
            folder_options = {**folder_options, "labels": labels}
        return load_folder(
            data, preprocessing=reading, on_unreadable=on_unreadable, **folder_options
        )
    pictures, names = read_labelled(
        data, labels, reading, argument="data", on_unreadable=on_unreadable, **folder_options
    )
    stack = pictures.images[pictures.rows]
    return load_arrays(stack, np.asarray(names), name="images", preprocessing=reading)


def _all_unreadable(errors: list[Exception]) -> str:
    return (
        f"`data` must hold images that can be read. Received: {all_reasons(errors)} Replace them, "
        "or give skip_unreadable=True."
    )


def _parted(
    images: ImageDataset, held_out: float | Sequence[str], seed: int
) -> tuple[ImageDataset, ImageDataset | None]:
    """Return the images to train on and those that are held out."""
    if isinstance(held_out, str) or np.ndim(held_out) > 0:
        names = [held_out] if isinstance(held_out, str) else list(held_out)  # type: ignore[arg-type]
        return _without(images, names)
    if held_out:
        return hold_out_classes(images, fraction=float(held_out), seed=seed)  # type: ignore[arg-type]
    check_classes(images, 2, "to train on")
    return images, None


def _without(images: ImageDataset, names: list[str]) -> tuple[ImageDataset, ImageDataset]:
    """Hold out classes by name: that of the class alone, or with its alphabet's before it."""
    places = [
        {name, name.split("/", 1)[-1]} & set(map(str, names)) for name in images.character_names
    ]
    unknown = set(map(str, names)).difference(*places)
    if unknown or not names:
        raise ValueError(
            f"`held_out` must name classes of {images.name!r}. Received: {sorted(unknown)}, which "
            f"are none of {list(images.character_names)[:10]}. Correct the names."
        )
    chosen = np.flatnonzero([bool(place) for place in places])
    held = np.isin(images.character, chosen)
    known, unseen = images.select(indices=~held), images.select(indices=held)
    check_classes(known, 2, "to train on")
    check_classes(unseen, 2, "to hold out")
    return known, unseen


def _novelty(
    recognizer: Recognizer, known: ImageDataset, unseen: ImageDataset | None, seed: int
) -> Novelty:
    """Learn what training images are like, and score by held-out ones."""
    rng = np.random.default_rng(seed)

    def embeddings(images: ImageDataset) -> np.ndarray:
        count = min(len(images), MOST_ENCODED)
        return recognizer.encode(images.images[rng.permutation(len(images))[:count]])

    return Novelty.fit(embeddings(known), None if unseen is None else embeddings(unseen))


def _calibrate(model: keras.Model, images: ImageDataset, pairs: PairTable) -> str | None:
    """Make the probabilities fit held-out pairs; what learned nothing stays as it is."""
    try:
        calibrate(model, images.images, pairs)
    except ValueError as error:
        return str(error)
    return None
