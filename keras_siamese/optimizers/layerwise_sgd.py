"""Gradient descent with a rate, a momentum and an L2 weight per layer (Koch et al. 2015)."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_siamese.argument_checks import is_number
from keras_siamese.compat import Optimizer, ops, variable_path

# Ten times the largest value of the paper's ranges (sec. 3.2); a momentum above 1 diverges.
_LIMITS = {"learning_rates": 1.0, "momenta": 1.0, "l2": 1.0}

Rates = float | Mapping[str, float]


@keras.saving.register_keras_serializable(package="keras_siamese")
class LayerwiseSGD(Optimizer):
    """Stochastic gradient descent with momentum, its constants chosen per layer.

    For a weight w of layer j with gradient g (Koch et al. 2015, sec. 3.2, Optimization):

        v <- mu_j v - eta_j (g + 2 lambda_j w)
        w <- w + v

    Deviation: the paper prints `w <- w + dw + 2 lambda_j |w|`, by which the weights would grow;
    this is ordinary L2 inside the gradient. L2 leaves biases alone, which the paper leaves open.

    The layer of a weight is the last but one part of its path: `embedding` for
    `embedding/kernel`; layers of one name share their constants. Once built, the constants are
    the variables `learning_rates`, `momenta` and `l2`, each of shape `(num_layers,)` in the order
    of `layer_names`. Every step reads them, compiled or not, so that a schedule assigns to them,
    and they are saved with the momentum. A callback that needs them before the first step calls
    `build(model.trainable_variables)`.

    Args:
        learning_rates: eta in [0, 1], a float for all layers or a mapping from layer name.
        momenta: mu in [0, 1], given in the same way.
        l2: lambda in [0, 1], given in the same way.
        name: Name of the optimizer.
        **kwargs: Arguments of `keras.optimizers.Optimizer`. Its `learning_rate` multiplies
            every eta and is 1 by default; its `weight_decay` does not see eta.

    Raises:
        ValueError: If a constant is negative, not finite or above 1, when made; if the names of
            a mapping are not those of the layers, when built.

    Example:
        >>> from keras_siamese import LayerwiseSGD
        >>> optimizer = LayerwiseSGD(0.01, {"encoder_dense": 0.9, "head": 0.5}, l2=1e-4)
        >>> optimizer.get_config()["momenta"]["head"]
        0.5
    """

    def __init__(
        self,
        learning_rates: Rates,
        momenta: Rates = 0.0,
        l2: Rates = 0.0,
        *,
        name: str = "layerwise_sgd",
        **kwargs: Any,
    ) -> None:
        """Create the optimizer; see the class for the arguments."""
        super().__init__(learning_rate=kwargs.pop("learning_rate", 1.0), name=name, **kwargs)
        given = {"learning_rates": learning_rates, "momenta": momenta, "l2": l2}
        self._initial = {argument: _check(argument, rates) for argument, rates in given.items()}
        self._layers: list[str] = []

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the layers, in the order of the variables' entries; empty before build."""
        return tuple(self._layers)

    @property
    def final_momenta(self) -> np.ndarray:
        """Momenta that the optimizer was made with, `(num_layers,)`, float32; empty before build.

        A schedule that raises the momenta stops here; the variable `momenta` holds the present
        ones.
        """
        return self._initial_values("momenta")

    def build(self, variables: Sequence[Any]) -> None:
        """Create the constants' variables and one velocity per weight.

        Args:
            variables: Trainable variables of the model.

        Raises:
            ValueError: If the names of a mapping are not those of the variables' layers.
        """
        # A schedule calls this in every epoch; the velocities must stay.
        if self.built:
            return
        layer_of = [layer_name(variable) for variable in variables]
        layers = list(dict.fromkeys(layer_of))
        for argument, rates in self._initial.items():
            check_names(argument, rates, layers)
        super().build(variables)
        self._layers = layers
        self._layer_index = [layers.index(layer) for layer in layer_of]
        self._has_l2 = [variable_path(variable).split("/")[-1] != "bias" for variable in variables]
        self.learning_rates = self._add_constants("learning_rates")
        self.momenta = self._add_constants("momenta")
        self.l2 = self._add_constants("l2")
        self.velocities = self._make_velocities(variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Apply one step to one weight.

        Args:
            gradient: Gradient of the loss, of the weight's shape.
            variable: The weight.
            learning_rate: Scalar, the base learning rate that multiplies the layer's.
        """
        index = self._get_variable_index(variable)
        layer = self._layer_index[index]
        dtype = variable.dtype
        eta = ops.cast(ops.multiply(self.learning_rates[layer], learning_rate), dtype)
        mu = ops.cast(self.momenta[layer], dtype)
        gradient = ops.cast(gradient, dtype)
        if self._has_l2[index]:
            decay = ops.cast(2.0 * self.l2[layer], dtype)
            gradient = ops.add(gradient, ops.multiply(decay, variable))
        velocity = self.velocities[index]
        self.assign(velocity, ops.subtract(ops.multiply(mu, velocity), ops.multiply(eta, gradient)))
        self.assign_add(variable, velocity)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration that makes the optimizer again, with its first constants.

        Returns:
            JSON-serializable dictionary.
        """
        initial = {
            argument: dict(rates) if isinstance(rates, Mapping) else rates
            for argument, rates in self._initial.items()
        }
        return {**super().get_config(), **initial}

    def _make_velocities(self, variables: Sequence[Any]) -> list[Any]:
        return [self.add_variable_from_reference(weight, name="velocity") for weight in variables]

    def _initial_values(self, argument: str) -> np.ndarray:
        rates = self._initial[argument]
        values = [rates[layer] if isinstance(rates, Mapping) else rates for layer in self._layers]
        return np.array(values, "float32")

    def _add_constants(self, argument: str) -> Any:
        values = self._initial_values(argument)
        return self.add_variable(
            shape=values.shape,
            initializer=keras.initializers.Constant(values),
            dtype="float32",
            name=argument,
        )


def layer_name(variable: Any) -> str:
    """Return the last but one part of a variable's path."""
    parts = variable_path(variable).split("/")
    if len(parts) < 2:
        raise ValueError(
            "LayerwiseSGD needs variables that belong to a layer, with a path such as "
            f"'conv1/kernel'. Received: a variable {parts[0]!r}. Create it in a named layer."
        )
    return parts[-2]


def _check(argument: str, rates: Any) -> float | dict[str, float]:
    """Check the values of one argument and turn them into plain floats."""
    if not isinstance(rates, Mapping):
        return _check_value(argument, "every layer", rates)
    return {layer: _check_value(argument, repr(layer), value) for layer, value in rates.items()}


def _check_value(argument: str, layer: str, value: Any) -> float:
    limit = _LIMITS[argument]
    if not is_number(value) or not 0.0 <= value <= limit:
        raise ValueError(
            f"`{argument}` must be a finite number in [0, {limit:g}]. Received: {value!r} for "
            f"{layer}. Give for example one from the ranges of the paper: learning rates in [1e-4, "
            "1e-1], momenta in [0, 1] and L2 weights in [0, 0.1]."
        )
    return float(value)


def check_names(argument: str, rates: Any, layers: list[str]) -> None:
    """Check that a mapping, where one was given, names every layer that is trained, no other."""
    if not isinstance(rates, Mapping) or set(rates) == set(layers):
        return
    unmatched = sorted(set(rates) - set(layers), key=str)
    missing = sorted(set(layers) - set(rates))
    raise ValueError(
        f"`{argument}` of LayerwiseSGD must name every layer that is trained, and no other. "
        f"Received: names without a layer: {unmatched}; layers without a name: {missing}. Name the "
        f"trained layers, {layers}."
    )
