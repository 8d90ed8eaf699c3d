"""Muon for convolutions: its steps against singular values, AdamW elsewhere, saving, bad input."""

import keras
import numpy as np
import pytest

from keras_siamese.models import conv_encoder, siamese_network
from keras_siamese.optimizers import ConvMuon
from keras_siamese.optimizers.conv_muon import orthogonalized

pytestmark = pytest.mark.keras3

SHAPE = (3, 3, 4, 6)


def variable(shape, seed=0, name="kernel"):
    values = np.random.default_rng(seed).normal(size=shape).astype("float32")
    return keras.Variable(values, name=name)


def raised(values):
    """What the five iterations make of singular values: a polynomial of each, five times."""
    values = values / np.sqrt((values**2).sum())
    for _ in range(5):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    return values


def expected_step(gradient):
    """The orthogonal step of a matrix, by its singular value decomposition."""
    left, values, right = np.linalg.svd(gradient, full_matrices=False)
    return left @ np.diag(raised(values)) @ right


@pytest.mark.parametrize("shape", [(36, 6), (6, 36), (5, 5), (9, 1)])
def test_orthogonalized_raises_the_singular_values_alone(shape):
    matrix = np.random.default_rng(1).normal(size=shape).astype("float32")
    np.testing.assert_allclose(orthogonalized(matrix), expected_step(matrix), atol=1e-4)


def test_singular_values_come_near_one():
    matrix = np.random.default_rng(2).normal(size=(64, 16)).astype("float32")
    values = np.linalg.svd(np.asarray(orthogonalized(matrix)), compute_uv=False)
    assert (values > 0.6).all()
    assert (values < 1.3).all()


def test_steps_of_a_kernel():
    kernel = variable(SHAPE)
    before = kernel.numpy()
    optimizer = ConvMuon(0.01, weight_decay=0.0, kernel_factor=5.0, momentum=0.9)
    gradients = [variable(SHAPE, seed).numpy() for seed in (1, 2)]
    momentum = np.zeros((36, 6))
    moved = before.reshape(36, 6).astype("float64")
    for gradient in gradients:
        optimizer.apply([gradient], [kernel])
        flat = gradient.reshape(36, 6)
        momentum = 0.9 * momentum + flat
        moved -= 0.01 * 5.0 * 0.2 * np.sqrt(36) * expected_step(flat + 0.9 * momentum)
    np.testing.assert_allclose(kernel.numpy().reshape(36, 6), moved, atol=1e-5)


def test_a_kernels_step_is_as_long_as_adamws_at_its_rate():
    kernel = variable((3, 3, 64, 64))
    before = kernel.numpy()
    optimizer = ConvMuon(0.01, weight_decay=0.0, kernel_factor=3.0)
    optimizer.apply([variable(kernel.shape, 1).numpy()], [kernel])
    length = np.sqrt(np.mean((kernel.numpy() - before) ** 2))
    # AdamW's steps measure some 0.2 of the rate (Liu et al. 2025); singular values are near 1.
    np.testing.assert_allclose(length, 0.2 * 3.0 * 0.01, rtol=0.3)


def test_kernels_lose_weight_at_the_rate():
    kernel = variable(SHAPE)
    before = kernel.numpy()
    ConvMuon(0.1, weight_decay=0.5).apply([np.zeros(SHAPE, "float32")], [kernel])
    np.testing.assert_allclose(kernel.numpy(), 0.95 * before, rtol=1e-5)


def test_everything_else_is_adamw():
    shapes = [(7, 5), (5,), (2, 3, 4)]
    ours = [variable(shape, place) for place, shape in enumerate(shapes)]
    theirs = [variable(shape, place) for place, shape in enumerate(shapes)]
    mine, adamw = ConvMuon(0.01, weight_decay=0.1), keras.optimizers.AdamW(0.01, weight_decay=0.1)
    for step in range(3):
        gradients = [variable(shape, 10 + step).numpy() for shape in shapes]
        mine.apply(gradients, ours)
        adamw.apply(gradients, theirs)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-6)


def test_a_schedule_moves_kernels_too():
    rate = keras.optimizers.schedules.CosineDecay(0.01, 2)
    kernel, optimizer = variable(SHAPE), ConvMuon(rate, weight_decay=0.0)
    lengths = []
    for _ in range(3):
        before = kernel.numpy()
        optimizer.apply([variable(SHAPE, 1).numpy()], [kernel])
        lengths.append(np.linalg.norm(kernel.numpy() - before))
    np.testing.assert_allclose(lengths[1], lengths[0] / 2, rtol=0.01)
    assert lengths[2] == 0


def test_a_compiled_model_is_saved_with_it(tmp_path):
    encoder = conv_encoder((16, 16, 1), filters=(4, 4), num_pools=1, units=8)
    model = siamese_network(encoder, initializer="he")
    model.compile(ConvMuon(0.02, kernel_factor=7.0, momentum=0.8), "binary_crossentropy")
    images = np.random.default_rng(0).random((4, 16, 16, 1), "float32")
    model.fit([images, images[::-1]], np.ones(4), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for one, other in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize(
    ("name", "value"), [("kernel_factor", 0.0), ("momentum", 1.0), ("momentum", -0.1)]
)
def test_constants_out_of_range_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {value}"):
        ConvMuon(**{name: value})
