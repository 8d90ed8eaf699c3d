"""`train_recognizer`: read, hold classes out, train, score, calibrate."""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from keras_siamese.argument_checks import check_keywords
from keras_siamese.data.camera_ranges import CameraRanges
from keras_siamese.data.class_splits import part_classes
from keras_siamese.data.folders.folder_layout import FOLDER_OPTIONS
from keras_siamese.data.folders.training_images import load_training_images, training_preprocessing
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.evaluation.operating_point import check_fraction
from keras_siamese.evaluation.scoring_draws import draw_episodes
from keras_siamese.evaluation.training_report import TrainingReport
from keras_siamese.models import average_mirrored
from keras_siamese.recipes.held_out import learn_novelty, score_held_out
from keras_siamese.recipes.methods import METHODS, Plan
from keras_siamese.recipes.starting_point import choose_start
from keras_siamese.recognizer import Recognizer
from keras_siamese.training.checkpoints import check_start


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
    protocol: str = "across-alphabets",
    seed: int = 0,
    run_dir: str | os.PathLike[str] | None = None,
    resume: bool = False,
    restart: bool = False,
    skip_unreadable: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
    **folder_options: Any,
) -> Recognizer:
    """Train a network on images of classes, and score it on classes that it was not shown.

    A network of small convolutions is trained on episodes of up to 20 classes, all of whose images
    are compared with each other, in steps of Muon, or of AdamW for your backbone
    (docs/beyond.md). The classes that are held out give the score, fit the probabilities, and
    choose the threshold. With `run_dir`, the state is saved after every epoch: with the same seed
    on the same machine, a run that was stopped and resumed gives the same network as one that was
    not.

    Args:
        data: Two images or more of each class; twenty classes or more are a good start. A folder
            with one subfolder per class, as for `load_folder`; a mapping from name to images;
            `(images, labels)`; images, with `labels` as well; or an `ImageDataset`. Images are as
            `Recognizer` takes them: paths, PIL images, or arrays as in a file.
        labels: `(n,)`, the class of each image, where `data` is images alone; an array
            `(n, height, width)` is then n grey images. For a folder, as for `load_folder`.
        size: Side of the images in pixels, or (height, width). None for 35, or what the backbone
            or the preset takes.
        color: "grey" or "rgb"; None for "grey", or what the backbone or the preset takes.
        paper: How grey pictures are read, as `Preprocessing` has it. None for "find" where most of
            them are photographs of drawings, else for "level"; or what the preset takes.
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
            light, blur, noise and faint ink. `CameraRanges` sets their ranges; True takes ranges
            for drawings (grey, with any paper but "keep" and "crop") or for other pictures,
            whichever the images are; False is for none. None is True for drawings and False for
            other pictures.
        pairs: Undistorted pairs of method "pairs"; None for 30,000.
        epochs: Epochs of method "pairs", of up to 10,000 pairs; None for 20.
        held_out: Share in (0, 1) of the classes (or of the alphabets, where there are five or more)
            that no step sees; or the names of those classes; or 0 for none.
        false_accept_rate: Share in [0, 1] of the different held-out pairs that the threshold may
            call the same.
        protocol: How one-shot trials are drawn from the held-out classes, as for `sample_episodes`:
            "within-alphabet" where a drawer's number means one person in the whole alphabet.
        seed: Seed of all that is random.
        run_dir: Folder in which the state of the run is kept.
        resume: Resume from the state in `run_dir`, if there is one.
        restart: Throw away the state in `run_dir`, if there is one. Without `resume` or `restart`,
            an unfinished run in `run_dir` is an error.
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
            classes or images, images cannot be read, or the saved run had another configuration or
            would be overwritten.
        TypeError: If there is no argument of a name.
        DivergedError: If the loss is no longer finite.
        OSError: If files cannot be read, or `run_dir` cannot be written.

    Example:
        >>> from keras_siamese import make_glyphs, train_recognizer
        >>> glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=10, num_drawers=4)
        >>> recognizer = train_recognizer(glyphs, width=4, steps=3, verbose=0)
        >>> recognizer.preprocessing.size, recognizer.threshold is not None
        ((35, 35), True)
    """
    own = inspect.signature(train_recognizer).parameters
    check_keywords("train_recognizer", folder_options, FOLDER_OPTIONS, own)
    check_fraction("false_accept_rate", false_accept_rate)
    check_start(run_dir, resume=resume, restart=restart)
    start = choose_start(backbone, from_preset, width, seed)
    options: dict[str, Any] = {"callbacks": callbacks, "verbose": verbose}
    options |= {"run_dir": None if run_dir is None else Path(run_dir)}
    options |= {"resume": resume, "restart": restart}
    if from_preset is not None:
        options["settings"] = {"from_preset": from_preset}
    plan = Plan(
        method,
        width=width,
        network=start.network,
        optimizer=start.optimizer,
        steps=steps,
        learning_rate=start.learning_rate if learning_rate is None else learning_rate,
        camera=camera,
        pairs=pairs,
        epochs=epochs,
        seed=seed,
        options=options,
    )
    reading = training_preprocessing(
        data,
        size=size,
        color=color,
        paper=paper,
        preprocessing=preprocessing,
        known=start.preprocessing,
        shape=start.shape,
    )
    images, unreadable = load_training_images(
        data, labels, reading, skip_unreadable=skip_unreadable, **folder_options
    )
    known, unseen = part_classes(images, held_out, seed=seed)
    episodes = None if unseen is None else draw_episodes(unseen, protocol=protocol, seed=seed)
    if verbose:
        validation = "" if unseen is None else f"\nvalidating on {unseen}"
        print(f"training on {known}{validation}\nread with {reading}", flush=True)
    model = METHODS[method](known, episodes, plan)
    if start.mirrored:
        model = average_mirrored(model)
    report = TrainingReport(images.name, unreadable=tuple(map(str, unreadable)))
    if unseen is not None and episodes is not None:
        report = score_held_out(
            report, model, unseen, episodes, false_accept_rate=false_accept_rate, seed=seed
        )
    point = report.operating_point
    recognizer = Recognizer(
        model,
        reading,
        threshold=None if point is None else point.threshold,
        thresholds={} if point is None else {false_accept_rate: point.threshold},
    )
    recognizer.operating_point, recognizer.report = point, report
    recognizer.novelty = learn_novelty(recognizer, known, unseen, seed)
    return recognizer
