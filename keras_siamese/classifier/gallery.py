"""References of known classes: each image encoded once, classes added and removed, one file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from keras_siamese.classifier.contents import check_gallery
from keras_siamese.classifier.conventions import Estimator
from keras_siamese.data.fitting import check_fitting
from keras_siamese.data.preprocessing import Preprocessing
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.evaluation.examples import as_examples, as_labels
from keras_siamese.evaluation.support_set import by_class
from keras_siamese.models.bundles import (
    bundle_kind,
    loaded_preprocessing,
    read_bundle,
    saved_preprocessing,
    write_bundle,
)
from keras_siamese.models.files import load_model
from keras_siamese.models.finite import check_finite_weights
from keras_siamese.models.twins import twin_encoder
from keras_siamese.saved_recognizer import KIND, SavedRecognizer, read_saved

if TYPE_CHECKING:
    import keras

# What is saved beside the parameters, each the attribute of that name with an underscore behind.
_ARRAYS = ("classes", "references", "counts", "order")
# Files of earlier versions do not say in what order the references were given.
_LATER = ("order",)

GalleryType = TypeVar("GalleryType", bound="Gallery")


class Gallery(Estimator):
    """Encoded references, sorted by class; `OneShotClassifier` describes the attributes."""

    model_: keras.Model
    n_features_in_: int
    classes_: np.ndarray
    references_: np.ndarray
    counts_: np.ndarray
    order_: np.ndarray

    def __init__(
        self,
        model: keras.Model,
        *,
        batch_size: int = 256,
        preprocessing: Preprocessing | None = None,
    ) -> None:
        """Store the arguments; they are checked when used, as scikit-learn's tools expect."""
        self.model = model
        self.batch_size = batch_size
        self.preprocessing = preprocessing

    def fit(self: GalleryType, X: Any, y: Any) -> GalleryType:
        """Take reference images, and forget those of before.

        Args:
            X: `(n, height, width, channels)` of the encoder's size, uint8, ink 255, or float in
                [0, 1]; or the same laid out flat, `(n, pixels)`.
            y: `(n,)`, the class of each: strings or whole numbers.

        Returns:
            The classifier itself.

        Raises:
            ValueError: If images and labels do not fit the network or each other, `preprocessing`
                gives images of another shape, or weights or embeddings are not finite.
        """
        encoder = twin_encoder(self.model)
        check_fitting(self.preprocessing, encoder.input_shape[1:])
        check_finite_weights(self.model)
        examples = as_examples(X, encoder.input_shape[1:], "X")
        labels = as_labels(y, len(examples), "y")
        self._check_settings(labels)
        self.model_ = self.model
        self.n_features_in_ = int(np.prod(examples.shape[1:]))
        self._set_references(self._encode(examples), labels, np.arange(len(labels)))
        return self

    def partial_fit(self: GalleryType, X: Any, y: Any, classes: Any = None) -> GalleryType:
        """Add reference images, of classes known or new.

        Args:
            X: As in `fit`.
            y: As in `fit`.
            classes: Labels that `y` must be among, when given; scikit-learn's tools pass it.

        Returns:
            The classifier itself.

        Raises:
            ValueError: As `fit`, or if a label is not among `classes`.
        """
        if classes is not None:
            unlisted = np.setdiff1d(np.asarray(y), np.asarray(classes)).tolist()
            if unlisted:
                raise ValueError(
                    "Argument `y` must hold labels among `classes`. Received: "
                    f"{unlisted}. Add them to `classes`, or leave it out."
                )
        if not self.__sklearn_is_fitted__():
            return self.fit(X, y)
        examples = self._examples(X)
        labels = as_labels(y, len(examples), "y")
        if (labels.dtype.kind == "U") != (self.classes_.dtype.kind == "U"):
            raise ValueError(
                f"Argument `y` must hold labels like those known, {self.classes_[:3].tolist()}. "
                f"Unknown label type: received {labels[:3].tolist()}. Make all of them strings."
            )
        known = np.repeat(self.classes_, self.counts_)
        labels = np.concatenate([known, labels])
        self._check_settings(labels)
        references = np.concatenate([self.references_, self._encode(examples)])
        order = np.concatenate([self.order_, np.arange(len(self.order_), len(references))])
        self._set_references(references, labels, order)
        return self

    def remove_classes(self: GalleryType, classes: Sequence[Any]) -> GalleryType:
        """Forget classes and their references.

        Args:
            classes: Labels, each of a known class.

        Returns:
            The classifier itself.

        Raises:
            ValueError: If a class is not known, or none would be left.
        """
        self._check_fitted()
        known = self.classes_.tolist()
        unknown = [label for label in classes if label not in known]
        gone = np.isin(self.classes_, list(classes))
        if unknown or gone.all():
            raise ValueError(
                f"Argument `classes` must list some of {known}, not all. Received: {classes!r}. "
                "Name known classes and keep at least one; fit forgets all."
            )
        kept = np.repeat(~gone, self.counts_)
        labels = np.repeat(self.classes_, self.counts_)[kept]
        order = np.argsort(np.argsort(self.order_[kept]))
        self._set_references(self.references_[kept], labels, order)
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write network, parameters and references to one file, whole or not at all.

        The file holds no pickle and no code.

        Args:
            path: The file; its folder must exist.

        Raises:
            ValueError: If the classifier is not fitted.
        """
        self._check_fitted()
        settings = {name: value for name, value in self.get_params().items() if name != "model"}
        label = settings["unknown_label"]
        settings["unknown_label"] = label.item() if isinstance(label, np.generic) else label
        settings["n_features_in"] = self.n_features_in_
        settings["preprocessing"] = saved_preprocessing(self.preprocessing)
        arrays = {name: getattr(self, f"{name}_") for name in _ARRAYS}
        write_bundle(path, type(self).__name__, self.model_, settings, arrays)

    @classmethod
    def load(cls: type[GalleryType], path: str | os.PathLike[str]) -> GalleryType:
        """Read a classifier that `save` wrote; the network is loaded in Keras's safe mode.

        Args:
            path: The file; or one of `Recognizer.save` or `keras-siamese train`.

        Returns:
            The classifier, fitted; not fitted where a recognizer's file holds no known classes.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is no such file, is damaged, or holds what `save` never writes.
        """
        if bundle_kind(path) == KIND:
            return cls._of_saved(read_saved(path, load_model))
        model, settings, arrays = cls.read(path, load_model)
        num_features = settings.pop("n_features_in")
        classifier = cls(model, **settings)
        classifier.model_, classifier.n_features_in_ = model, num_features
        for name, array in arrays.items():
            setattr(classifier, f"{name}_", array)
        classifier._check_settings(classifier.classes_)
        return classifier

    @classmethod
    def read(
        cls, path: str | os.PathLike[str], load: Callable[[bytes], Any]
    ) -> tuple[Any, dict[str, Any], dict[str, np.ndarray]]:
        """Read the parts of what `save` wrote, for `load` and for `Recognizer`.

        Args:
            path: The file.
            load: Makes the network from the content of a `.keras` file.

        Returns:
            The network, the parameters with `n_features_in`, and the arrays `classes`,
            `references`, `counts` and `order`.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: As `load`.
        """
        names = {*cls._parameters(), "n_features_in"} - {"model"}
        network, settings, arrays = read_bundle(
            path, cls.__name__, names, _ARRAYS, later_arrays=_LATER, load=load
        )
        arrays.setdefault("order", np.arange(len(arrays["references"])))
        if hasattr(network, "num_features"):
            shape, width = network.input_shape, network.num_features
        else:
            encoder = twin_encoder(network)
            shape, width = encoder.input_shape[1:], encoder.output_shape[-1]
        check_gallery(path, shape, width, settings["n_features_in"], **arrays)
        settings["preprocessing"] = loaded_preprocessing(path, settings["preprocessing"])
        check_fitting(settings["preprocessing"], shape)
        return network, settings, arrays

    @classmethod
    def _of_saved(cls: type[GalleryType], saved: SavedRecognizer) -> GalleryType:
        """Return a classifier of what a recognizer's file holds."""
        model, support = saved.network.model, saved.support
        names = {"preprocessing", "threshold", "shots"} & set(cls._parameters())
        classifier = cls(model, **{name: getattr(saved, name) for name in names})
        if support is not None:
            classifier._check_settings(support.classes)
            classifier.model_ = model
            classifier.n_features_in_ = int(np.prod(saved.preprocessing.shape))
            labels = np.repeat(support.classes, support.counts)
            classifier._set_references(support.embeddings, labels, np.arange(len(labels)))
        return classifier

    def _check_settings(self, classes: np.ndarray) -> None:
        """Check the parameters that a subclass adds, before references are taken."""

    def _examples(self, X: Any) -> np.ndarray:
        """Return examples like those of `fit`, checked."""
        self._check_fitted()
        examples = as_examples(X, twin_encoder(self.model_).input_shape[1:], "X")
        features = int(np.prod(examples.shape[1:]))
        if examples.ndim == 2 and features != self.n_features_in_:
            raise ValueError(
                f"X has {features} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input. Give vectors of the length fitted."
            )
        return examples

    def _encode(self, examples: np.ndarray) -> np.ndarray:
        return encode_images(twin_encoder(self.model_), examples, batch_size=self.batch_size)

    def _set_references(
        self, references: np.ndarray, labels: np.ndarray, order: np.ndarray
    ) -> None:
        self.classes_, self.counts_, rows = by_class(labels)
        self.references_, self.order_ = references[rows], order[rows]
