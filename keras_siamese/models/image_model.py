"""A Keras model of images that takes uint8 (0 to 255) and floats ([0, 1]) for what they are."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import keras

from keras_siamese.compat import dtype_name, ops
from keras_siamese.models.passes import Passes, epochs_of, fixed_order, refuse_reshuffled

# Axes of a batch of images; other inputs, such as vectors, pass as they are.
_IMAGE_AXES = 4


@keras.saving.register_keras_serializable(package="keras_siamese", name="ImageModel")
class ImageModel(keras.Model):
    """Functional model whose images may be uint8 or float.

    The type of what it is called with says what the values mean: uint8 is 0 to 255 and is divided
    by 255, floats are [0, 1], booleans 0 and 1. Other integers are an error. So it is in a direct
    call, in `fit`, `evaluate` and `predict`, and after saving and loading. Keras itself would
    cast uint8 to float as it is, and the network would see values of up to 255.

    An encoder that declares its input as uint8 gets 0 to 255 from both. Inputs other than
    `(batch, height, width, channels)` pass unchanged.

    Args:
        inputs: `keras.Input` or a list of them.
        outputs: What the layers make of them.
        **kwargs: Further arguments of a functional `keras.Model`, such as `name`.

    Call arguments:
        inputs: Images `(batch, height, width, channels)`, uint8, bool, or float in [0, 1]; several
            as a list, or as a dictionary by input name.

    Returns:
        As `outputs`.

    Raises:
        ValueError: If called with images of another type.

    Example:
        >>> import numpy as np
        >>> from keras_siamese import reduced_encoder
        >>> encoder = reduced_encoder(filters=(4, 4, 4, 4), units=8)
        >>> grey = np.full((1, 35, 35, 1), 51, np.uint8)
        >>> bool(np.allclose(encoder(grey), encoder(grey / 255.0)))
        True
    """

    def call(
        self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any
    ) -> Any:
        """Bring images to the values that the layers take; see the class."""
        declared = {tensor.name: tensor for tensor in self.inputs}
        given: Any
        if isinstance(inputs, dict):
            given = {
                name: _as_declared(images, declared[name]) if name in declared else images
                for name, images in inputs.items()
            }
        elif isinstance(inputs, (list, tuple)) and len(inputs) == len(self.inputs):
            given = [_as_declared(*both) for both in zip(inputs, self.inputs, strict=True)]
        else:
            given = _as_declared(inputs, self.inputs[0])
        return super().call(given, training=training, mask=mask, **kwargs)

    # `pair_batches` are in another order in each epoch of fit, and in one order everywhere else.
    @functools.wraps(keras.Model.fit)
    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Train; see `keras.Model.fit`."""
        given = inspect.signature(keras.Model.fit).bind(self, *args, **kwargs).arguments
        given.pop("self")
        refuse_reshuffled("validation_data", given.get("validation_data"))
        if isinstance(getattr(given.get("x"), "passes", None), Passes):
            # They come shuffled, and Keras would warn that it does not shuffle them.
            given.setdefault("shuffle", False)
        with epochs_of(given.get("x"), given.pop("callbacks", None)) as callbacks:
            return super().fit(**given, callbacks=callbacks)

    @functools.wraps(keras.Model.evaluate)
    def evaluate(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Score; see `keras.Model.evaluate`."""
        refuse_reshuffled("x", x)
        with fixed_order():
            return super().evaluate(x, *args, **kwargs)

    @functools.wraps(keras.Model.predict)
    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Give the outputs; see `keras.Model.predict`."""
        refuse_reshuffled("x", x)
        with fixed_order():
            return super().predict(x, *args, **kwargs)


# Keras names the parts of a file of weights after their classes. Under this name they are those of
# Keras's own functional models, which networks of earlier versions were made of.
ImageModel.__name__ = "Functional"


def _as_declared(images: Any, declared: Any) -> Any:
    """Turn images into the type and range of the input that they are for."""
    if len(declared.shape) != _IMAGE_AXES or not hasattr(images, "dtype"):
        return images
    found, wanted = dtype_name(images.dtype), dtype_name(declared.dtype)
    if found != "uint8" and found != "bool" and "float" not in found:
        raise ValueError(
            "`inputs` must hold images of uint8 (0 to 255) or of floats in [0, 1]. "
            f"Received: {found} for the input {declared.name!r}. Convert whole numbers from 0 to "
            "255 with astype('uint8'), and divide others by their largest value."
        )
    if "float" in wanted:
        return ops.cast(images, wanted) / 255.0 if found == "uint8" else images
    if found == "uint8":
        return images
    return ops.cast(ops.round(ops.cast(images, "float32") * 255.0), wanted)
