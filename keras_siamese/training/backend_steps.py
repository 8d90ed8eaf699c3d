"""One training step on each of Keras's backends: gradient, update, average of the weights.

What a step computes is the same everywhere: `prepare` makes its inputs from a batch's arrays,
`forward` gives loss and accuracy, both in `keras.ops`. Here is how a backend turns that into a
compiled function that changes the model.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from keras_siamese.compat import ops, to_numpy
from keras_siamese.models import twin_encoder, twin_head

# `prepare(images, arrays, rank, replicas)` gives the inputs of `forward`, which gives loss and
# accuracy. `rank` and `replicas` say which share of the batch is asked for.
Prepare = Callable[..., tuple]
Forward = Callable[..., tuple[Any, Any]]


class Step(ABC):
    """A compiled training step.

    Args:
        model: Compiled siamese model, whose weights are trained.
        images: `(n, height, width, channels)`, uint8.
        prepare: As for `make_step`.
        forward: As for `make_step`.
        average: Average of the weights to keep up, if any.

    Call arguments:
        *arrays: The arrays of a batch, NumPy.

    Returns:
        Loss and accuracy, scalars on the device: to read them waits for it.
    """

    def __init__(
        self,
        model: keras.Model,
        images: np.ndarray,
        prepare: Prepare,
        forward: Forward,
        average: WeightAverage | None,
    ) -> None:
        """Store the parts and put the images on the device."""
        self.model, self.optimizer = model, model.optimizer
        self.prepare, self.forward, self.average = prepare, forward, average
        self.images = ops.convert_to_tensor(images)

    @abstractmethod
    def __call__(self, *arrays: np.ndarray) -> tuple[Any, Any]:
        """Take a step; see the class."""

    # Not abstract: only a backend that keeps state apart from the model has something to do.
    def begin(self) -> None:  # noqa: B027
        """Take over the weights and the optimizer's variables as they are, before an epoch."""

    def end(self) -> None:  # noqa: B027
        """Give them back changed, after an epoch; within one they need not be up to date."""


def make_step(
    model: keras.Model,
    images: np.ndarray,
    prepare: Prepare,
    forward: Forward,
    *,
    signature: Sequence[tuple[tuple[int | None, ...], str]],
    average: WeightAverage | None = None,
    jit_compile: bool = False,
) -> Step:
    """Compile a training step for the backend that Keras runs on.

    Args:
        model: Compiled siamese model, whose weights are trained.
        images: `(n, height, width, channels)`, uint8. They are put on the device once.
        prepare: Makes the inputs of `forward` from the images on the device and a batch's arrays;
            no gradient goes through it.
        forward: Gives loss and accuracy. Losses that layers add are added here.
        signature: Shape, None where it varies, and type of each array of a batch.
        average: Average of the weights to keep up, if any.
        jit_compile: On TensorFlow, compile `forward` and the update with XLA; JAX always does.

    Returns:
        The step.

    Raises:
        ValueError: If Keras runs on a backend that has no gradients, such as NumPy.
    """
    backend = keras.backend.backend()
    if backend not in ("tensorflow", "jax", "torch"):
        raise ValueError(
            "Training needs Keras on TensorFlow, JAX or PyTorch. Received: the backend "
            f"{backend!r}. Set KERAS_BACKEND to tensorflow, jax or torch before Python starts."
        )
    strategy = getattr(model, "distribute_strategy", None)
    with contextlib.nullcontext() if strategy is None else strategy.scope():
        model.optimizer.build(model.trainable_variables)
    parts = (model, images, prepare, forward, average)
    if backend == "jax":
        return _JaxStep(*parts)
    if backend == "torch":
        return _TorchStep(*parts)
    return _TensorFlowStep(*parts, signature=signature, jit_compile=jit_compile)


class _TensorFlowStep(Step):
    """A `tf.function`, on all replicas of the model's strategy."""

    def __init__(
        self,
        *parts: Any,
        signature: Sequence[tuple[tuple[int | None, ...], str]],
        jit_compile: bool,
    ) -> None:
        import tensorflow as tf

        super().__init__(*parts)
        model, optimizer, average = self.model, self.optimizer, self.average
        prepare, forward, images = self.prepare, self.forward, self.images
        strategy = model.distribute_strategy
        replicas = strategy.num_replicas_in_sync
        variables = model.trainable_variables

        def update(*inputs: Any) -> tuple[Any, Any]:
            with tf.GradientTape() as tape:
                loss, accuracy = forward(*inputs)
                objective = loss
                for added in model.losses:
                    # Every replica adds these, but they count once: the optimizer sums gradients.
                    objective += added / replicas
            gradients = tape.gradient(objective, variables)
            # Read here, because the update counts it up.
            done = tf.identity(optimizer.iterations) if average is not None else None
            optimizer.apply(gradients, variables)
            if average is not None:
                average.update(done)
            return loss, accuracy

        # The warp stays outside XLA: TensorFlow has no kernel for it there.
        compiled = tf.function(update, jit_compile=True) if jit_compile else update

        def step(*arrays: Any) -> tuple[Any, Any]:
            if replicas == 1:
                return compiled(*prepare(images, arrays, 0, 1))

            def share() -> tuple[Any, Any]:
                rank = tf.distribute.get_replica_context().replica_id_in_sync_group
                return compiled(*prepare(images, arrays, rank, replicas))

            loss, accuracy = strategy.run(share)
            return strategy.reduce("SUM", loss, None), strategy.reduce("SUM", accuracy, None)

        specs = [tf.TensorSpec(shape, dtype) for shape, dtype in signature]
        self._step = tf.function(step, input_signature=specs)

    def __call__(self, *arrays: np.ndarray) -> tuple[Any, Any]:
        return self._step(*arrays)


class _JaxStep(Step):
    """A function of all state that `jax.jit` compiles, once for each shape of batch."""

    def __init__(self, *parts: Any) -> None:
        import jax

        super().__init__(*parts)
        model, optimizer, average = self.model, self.optimizer, self.average
        prepare, forward = self.prepare, self.forward
        trained = model.trainable_variables
        ids = {id(variable) for variable in trained}
        # Batch statistics, states of random layers, averages.
        other = [*model.weights, *twin_encoder(model).variables, *twin_head(model).variables]
        other = list({id(v): v for v in other if id(v) not in ids}.values())
        averages = average.values if average is not None else []
        self._variables = [trained, other, optimizer.variables, averages]
        self._state: list[list[Any]] | None = None

        # The images are an argument: as a constant of the function, they would be compiled into it.
        def update(state: list, images: Any, arrays: tuple) -> tuple[list, Any, Any]:
            weights, statistics, settings, averaged = state
            inputs = prepare(images, arrays, 0, 1)

            def objective(weights: list) -> tuple[Any, tuple]:
                mapping = _pairs((trained, weights), (other, statistics))
                with keras.StatelessScope(state_mapping=mapping) as scope:
                    loss, accuracy = forward(*inputs)
                    total = sum(model.losses, loss)
                return total, (loss, accuracy, _values(scope, other, statistics))

            (_, aux), gradients = jax.value_and_grad(objective, has_aux=True)(weights)
            loss, accuracy, statistics = aux
            done = settings[optimizer.variables.index(optimizer.iterations)]
            weights, settings = optimizer.stateless_apply(settings, gradients, weights)
            if average is not None:
                mapping = _pairs((trained, weights), (other, statistics), (averages, averaged))
                with keras.StatelessScope(state_mapping=mapping) as scope:
                    average.update(done)
                averaged = _values(scope, averages, averaged)
            return [weights, statistics, settings, averaged], loss, accuracy

        self._update = jax.jit(update)

    def begin(self) -> None:
        self._state = [[variable.value for variable in each] for each in self._variables]

    def end(self) -> None:
        if self._state is None:
            return
        for variables, values in zip(self._variables, self._state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        self._state = None

    def __call__(self, *arrays: np.ndarray) -> tuple[Any, Any]:
        alone = self._state is None
        if alone:
            self.begin()
        placed = tuple(_shared_out(array) for array in arrays)
        self._state, loss, accuracy = self._update(self._state, self.images, placed)
        if alone:
            self.end()
        return loss, accuracy


def _shared_out(array: np.ndarray) -> Any:
    """Share a batch out among the devices of a `keras.distribution`, where one is set.

    What is computed does not depend on it. A batch that cannot be split evenly is given to all.
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        return array
    import jax

    layout = distribution.get_data_layout(array.shape).backend_layout
    devices = layout.mesh.size
    return jax.device_put(array, layout) if len(array) % devices == 0 else array


def _pairs(*lists: tuple[Sequence[Any], Sequence[Any]]) -> list[tuple[Any, Any]]:
    """Pair variables with their values."""
    return [pair for variables, values in lists for pair in zip(variables, values, strict=True)]


def _values(scope: Any, variables: Sequence[Any], before: Sequence[Any]) -> list[Any]:
    """Return what a stateless computation left in variables."""
    now = [scope.get_current_value(variable) for variable in variables]
    return [old if new is None else new for new, old in zip(now, before, strict=True)]


class _TorchStep(Step):
    """Eager PyTorch."""

    def __call__(self, *arrays: np.ndarray) -> tuple[Any, Any]:
        import torch

        model, optimizer = self.model, self.optimizer
        variables = model.trainable_variables
        tensors = tuple(ops.convert_to_tensor(array) for array in arrays)
        with torch.no_grad():
            inputs = self.prepare(self.images, tensors, 0, 1)
        loss, accuracy = self.forward(*inputs)
        model.zero_grad()
        sum(model.losses, loss).backward()
        gradients = [variable.value.grad for variable in variables]
        with torch.no_grad():
            done = ops.copy(optimizer.iterations.value)
            optimizer.apply(gradients, variables)
            if self.average is not None:
                self.average.update(done)
        return loss.detach(), accuracy


class WeightAverage:
    """Averages over the last steps of all of a model's weights, batch statistics included.

    The `use_ema` of Keras's optimizers leaves the batch statistics out, which would then be those
    of other weights. Here both are averaged. As the average begins with the initial weights,
    its momentum grows from 0.1 to the one asked for: `min(momentum, (1 + step) / (10 + step))`.

    Args:
        model: The model.
        momentum: Share of the old average in the new one, in (0, 1).
    """

    def __init__(self, model: keras.Model, momentum: float) -> None:
        """Begin with the weights as they are."""
        self.model = model
        self.momentum = momentum
        self.values = [
            keras.Variable(to_numpy(weight), dtype=weight.dtype, trainable=False)
            for weight in model.weights
        ]

    def update(self, step: Any) -> None:
        """Take the weights into the average, as a part of the compiled step.

        Args:
            step: Scalar, steps done before this one.
        """
        step = ops.cast(step, "float32")
        momentum = ops.minimum(self.momentum, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.values, self.model.weights, strict=True):
            if "float" in weight.dtype:
                share = ops.cast(momentum, weight.dtype)
                average.assign(weight + share * (average - weight))
            else:
                # A count, such as that of `Normalization`, has no average.
                average.assign(weight)

    def assign(self) -> None:
        """Give the model the averages."""
        self.model.set_weights([to_numpy(average) for average in self.values])

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Give the model the averages for a while, then its own weights back."""
        own = self.model.get_weights()
        self.assign()
        try:
            yield
        finally:
            self.model.set_weights(own)
