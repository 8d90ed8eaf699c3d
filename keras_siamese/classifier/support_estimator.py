"""Support sets of known classes: each image encoded once, classes added and removed, one file."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import numpy as np

from keras_siamese.argument_checks import Check, check_whole
from keras_siamese.classifier.known import Known
from keras_siamese.classifier.saved_support import check_support
from keras_siamese.classifier.sklearn_estimator import Estimator
from keras_siamese.data.images.fitting import check_fitting
from keras_siamese.data.images.preprocessing import Preprocessing
from keras_siamese.deprecated import with_old_attributes
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.evaluation.input_checks import as_labels, checked_inputs
from keras_siamese.evaluation.support_set import encode_support
from keras_siamese.models.bundles import (
    bundle_kind,
    check_preprocessing,
    parts_of,
    read_bundle,
    saved_preprocessing,
    write_bundle,
)
from keras_siamese.models.finite_weights import check_finite_weights
from keras_siamese.models.network_files import load_model
from keras_siamese.models.twins import twin_encoder
from keras_siamese.saved_recognizer import KIND, SavedRecognizer, read_saved

if TYPE_CHECKING:
    import keras

# What is saved next to the parameters, each the attribute of that name with an underscore behind.
# In files the support set goes by an older word.
_ARRAYS = ("classes", "references", "counts", "order")
# Files of earlier versions do not say in what order the support images were given.
_LATER = ("order",)

# Held while a change replaces the value, so that two threads cannot overwrite each other's change.
# It is not an attribute of a classifier, which could then not be copied or pickled.
_CHANGING = threading.Lock()

SupportType = TypeVar("SupportType", bound="SupportEstimator")


@with_old_attributes
class SupportEstimator(Estimator):
    """Encoded support images, sorted by class; `OneShotClassifier` describes the attributes."""

    # How each setting of a file is checked; `check_support` looks at the number of features.
    _CHECKS: ClassVar[dict[str, Check]] = {
        "batch_size": partial(check_whole, least=1),
        "preprocessing": check_preprocessing,
        "n_features_in": lambda name, value: value,
    }
    # All that `fit` learns. It is replaced as a whole; each method reads it once.
    _known: Known | None = None

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

    @property
    def model_(self) -> keras.Model:
        """The network that encoded the support set."""
        return self._learned("model")

    @property
    def n_features_in_(self) -> int:
        """Numbers in one example."""
        return self._learned("n_features_in")

    @property
    def classes_(self) -> np.ndarray:
        """The labels, sorted."""
        return self._learned("classes")

    @property
    def counts_(self) -> np.ndarray:
        """How many support images each class has."""
        return self._learned("counts")

    @property
    def support_(self) -> np.ndarray:
        """The encoded support images, sorted by class."""
        return self._learned("support")

    @property
    def order_(self) -> np.ndarray:
        """Place of each support image in the order in which they were given."""
        return self._learned("order")

    def fit(self: SupportType, X: Any, y: Any) -> SupportType:
        """Take support images, and forget earlier ones.

        Args:
            X: `(n, height, width, channels)` of the encoder's size, uint8, ink 255, or float in
                [0, 1]; or the same laid out flat, `(n, pixels)`.
            y: `(n,)`, the class of each: strings or whole numbers.

        Returns:
            The classifier itself.

        Raises:
            ValueError: If images and labels do not fit the network or each other, `preprocessing`
                gives images of another shape, or weights or embeddings are not finite.

        Example:
            >>> from keras_siamese import OneShotClassifier, load_pretrained, make_glyphs
            >>> images = make_glyphs(num_alphabets=1, num_drawers=1, size=53).images[:3]
            >>> classifier = OneShotClassifier(load_pretrained("omniglot"))
            >>> classifier.fit(images, ["bolt", "nut", "washer"]).classes_.tolist()
            ['bolt', 'nut', 'washer']
        """
        self._fit(X, y)
        return self

    def partial_fit(self: SupportType, X: Any, y: Any, classes: Any = None) -> SupportType:
        """Add support images, of classes known or new.

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
                    "`y` must hold labels among `classes`. Received: "
                    f"{unlisted}. Add them to `classes`, or leave it out."
                )
        while True:
            known = self._known
            more = self._first(X, y) if known is None else self._encoded(known, X, y)
            with _CHANGING:
                # Another thread may have changed the classes while these were encoded.
                latest = self._known
                if latest is None or latest.model is more.model:
                    grown = more if latest is None else latest.with_more(more)
                    self._check_settings(grown.classes)
                    self._known = grown
                    return self

    def remove_classes(self: SupportType, classes: Sequence[Any]) -> SupportType:
        """Forget classes and their support images.

        Args:
            classes: Labels, each of a known class.

        Returns:
            The classifier itself.

        Raises:
            ValueError: If a class is not known, or none would be left.
        """
        with _CHANGING:
            self._known = self._fitted().without(classes)
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write network, parameters and support set to one file, whole or not at all.

        The file holds no pickle and no code.

        Args:
            path: The file; its folder must exist.

        Raises:
            ValueError: If the classifier is not fitted.
        """
        known = self._fitted()
        settings = {name: value for name, value in self.get_params().items() if name != "model"}
        label = settings["unknown_label"]
        settings["unknown_label"] = label.item() if isinstance(label, np.generic) else label
        settings["n_features_in"] = known.n_features_in
        settings["preprocessing"] = saved_preprocessing(settings["preprocessing"])
        arrays = {
            "classes": known.classes,
            "references": known.support,
            "counts": known.counts,
            "order": known.order,
        }
        write_bundle(path, type(self).__name__, known.model, settings, arrays)

    @classmethod
    def load(cls: type[SupportType], path: str | os.PathLike[str]) -> SupportType:
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
            saved = read_saved(path, load_model)
            with parts_of(path):
                return cls._of_saved(saved)
        model, settings, arrays = cls.read(path, load_model)
        num_features = settings.pop("n_features_in")
        classifier = cls(model, **settings)
        with parts_of(path):
            classifier._check_settings(arrays["classes"])
        classifier._known = Known(
            model,
            num_features,
            arrays["classes"],
            arrays["counts"],
            arrays["references"],
            arrays["order"],
        )
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
            `references` (the support set), `counts` and `order`.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: As `load`.
        """
        network, settings, arrays = read_bundle(
            path, cls.__name__, cls._CHECKS, _ARRAYS, later_arrays=_LATER, load=load
        )
        support = arrays["references"]
        arrays.setdefault("order", np.arange(len(support) if support.ndim else 0))
        if hasattr(network, "num_features"):
            shape, width = network.input_shape, network.num_features
        else:
            encoder = twin_encoder(network)
            shape, width = encoder.input_shape[1:], encoder.output_shape[-1]
        check_support(path, shape, width, settings["n_features_in"], **arrays)
        with parts_of(path):
            check_fitting(settings["preprocessing"], shape)
        return network, settings, arrays

    @classmethod
    def _of_saved(cls: type[SupportType], saved: SavedRecognizer) -> SupportType:
        """Return a classifier of what a recognizer's file holds."""
        model, support = saved.network.model, saved.support
        names = {"preprocessing", "threshold", "shots"} & set(cls._parameters())
        classifier = cls(model, **{name: getattr(saved, name) for name in names})
        if support is not None:
            classifier._check_settings(support.classes)
            labels = np.repeat(support.classes, support.counts)
            numbers = int(np.prod(saved.preprocessing.shape))
            classifier._known = Known.of(model, numbers, support.embeddings, labels)
        return classifier

    def _check_settings(self, classes: np.ndarray) -> None:
        """Check the parameters that a subclass adds, before support images are taken."""

    def _fitted(self) -> Known:
        """Return all that is known, of one moment."""
        self._check_fitted()
        return cast(Known, self._known)

    def __sklearn_is_fitted__(self) -> bool:
        """Say whether `fit` has been called."""
        return self._known is not None

    def _learned(self, name: str) -> Any:
        """Return what an attribute holds that is there once the classifier is fitted."""
        known = self._known
        if known is None:
            raise AttributeError(
                f"This {type(self).__name__} has no {name}_ before it is fitted. Call fit first."
            )
        return getattr(known, name)

    def _fit(self, X: Any, y: Any) -> Known:
        """Take support images, and return what is known then."""
        known = self._first(X, y)
        with _CHANGING:
            self._known = known
        return known

    def _first(self, X: Any, y: Any) -> Known:
        """Return what is known of the network and some support images."""
        model = self.model
        encoder = twin_encoder(model)
        check_fitting(self.preprocessing, encoder.input_shape[1:])
        check_finite_weights(model)
        examples = checked_inputs(X, encoder.input_shape[1:], "X")
        labels = as_labels(y, len(examples), "y")
        self._check_settings(labels)
        numbers = int(np.prod(examples.shape[1:]))
        return Known.of(model, numbers, self._encode_support(model, examples), labels)

    def _encoded(self, known: Known, X: Any, y: Any) -> Known:
        """Return what is known of further support images alone."""
        examples = self._examples(known, X)
        labels = as_labels(y, len(examples), "y")
        support = self._encode_support(known.model, examples)
        return Known.of(known.model, known.n_features_in, support, labels)

    def _examples(self, known: Known, X: Any) -> np.ndarray:
        """Return examples like those of `fit`, checked."""
        examples = checked_inputs(X, twin_encoder(known.model).input_shape[1:], "X")
        features = int(np.prod(examples.shape[1:]))
        if examples.ndim == 2 and features != known.n_features_in:
            raise ValueError(
                f"X has {features} features, but {type(self).__name__} is expecting "
                f"{known.n_features_in} features as input. Give vectors of the length fitted."
            )
        return examples

    def _encode_support(self, model: keras.Model, examples: np.ndarray) -> np.ndarray:
        return encode_support(partial(self._encode, model), examples)

    def _encode(self, model: keras.Model, examples: np.ndarray) -> np.ndarray:
        return encode_images(twin_encoder(model), examples, batch_size=self.batch_size)
