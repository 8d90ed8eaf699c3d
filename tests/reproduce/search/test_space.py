"""What the search may choose: the paper's ranges, for every layer that is trained."""

import keras
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_siamese.models import koch_encoder
from reproduce.paper.paper_network import build_network
from reproduce.paper.presets import DENSE, REDUCED
from reproduce.search.space import fits, starting_points, suggest
from reproduce.search.study import trained_layers

# Koch et al. 2015, sec. 3.2, Hyperparameter optimization. The lower end of lambda is the stated
# deviation from 0, which has no logarithm.
LAYERS = ("conv1", "conv2", "conv3", "conv4", "embedding", "weighted_l1")
ETA, MU, LAMBDA = (1e-4, 1e-1), (0.0, 1.0), (1e-6, 1e-1)


def draw(*, size=35, architecture=False, seed=0):
    """Draw the settings of one trial at random, and return them with the trial."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    trial = study.ask()
    return suggest(trial, layers=LAYERS, size=size, architecture=architecture), trial


def fitting_draw(size):
    """Return the first drawn architecture that an image of this size outlasts."""
    for seed in range(200):
        try:
            return draw(size=size, architecture=True, seed=seed)
        except optuna.TrialPruned:
            continue
    raise AssertionError("none of 200 draws fits")


def test_ranges_are_the_papers():
    _, trial = draw(size=105, architecture=False)
    expected = {"eta": ETA, "mu": MU, "lambda": LAMBDA}
    for name, found in trial.distributions.items():
        assert (found.low, found.high) == expected[name.split()[0]], name
        assert found.log == (name.split()[0] != "mu")


def test_architecture_ranges_are_the_papers():
    _, trial = fitting_draw(105)
    ranges = {
        name.split()[0]: (found.low, found.high, found.step)
        for name, found in trial.distributions.items()
        if isinstance(found, optuna.distributions.IntDistribution)
    }
    # Sec. 3.2: kernels from 3x3 to 20x20, 16 to 256 filters and 128 to 4096 units by multiples
    # of 16.
    assert ranges == {"kernel": (3, 20, 1), "filters": (16, 256, 16), "units": (128, 4096, 16)}


def test_every_trained_layer_has_rates_of_its_own():
    drawn, trial = draw()
    for rates in (drawn["learning_rates"], drawn["momenta"], drawn["l2"]):
        assert set(rates) == set(LAYERS)
        assert len(set(rates.values())) == len(LAYERS)
    assert len(trial.params) == 3 * len(LAYERS)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (REDUCED, LAYERS),
        (DENSE, ("dense1", "embedding", "weighted_l1")),
        (
            DENSE.override(encoder_options={"units": [8, 8, 8]}),
            ("dense1", "dense2", "embedding", "weighted_l1"),
        ),
    ],
)
def test_the_layers_are_those_of_the_network(config, expected):
    layers = trained_layers(config)
    assert layers == expected
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    drawn = suggest(trial, layers=layers, size=35, architecture=False)
    build_network(config.override(**drawn))
    assert all(set(start) == set(trial.params) for start in starting_points(layers))


@pytest.mark.parametrize("seed", range(20))
def test_draws_are_settings_of_a_run(seed):
    drawn, _ = draw(seed=seed)
    assert REDUCED.override(**drawn).learning_rates == drawn["learning_rates"]


def test_drawn_architectures_are_multiples_of_16_that_build():
    for size in (35, 105):
        options = fitting_draw(size)[0]["encoder_options"]
        assert len(options["filters"]) == 4
        assert all(count % 16 == 0 for count in (*options["filters"], options["units"]))
        keras.utils.clear_session()
        # Few filters and units: the geometry alone is at stake.
        smaller = options | {"filters": [1] * 4, "units": 1}
        if size == 35:
            assert "kernel_sizes" not in options
            smaller["kernel_sizes"] = [4, 3, 2, 2]
        koch_encoder((size, size, 1), **smaller)


def test_kernels_that_use_the_image_up_end_the_trial():
    study = optuna.create_study()
    study.enqueue_trial({f"kernel conv{i}": 20 for i in range(1, 5)})
    with pytest.raises(optuna.TrialPruned, match=r"\[20, 20, 20, 20\].*105 pixels"):
        suggest(study.ask(), layers=LAYERS, size=105, architecture=True)


@settings(max_examples=10, deadline=None)
@given(kernels=st.lists(st.integers(1, 20), min_size=1, max_size=4))
def test_the_smallest_image_that_fits_is_the_real_encoders(kernels):
    size = next(size for size in range(1, 500) if fits(size, kernels))
    small = {"filters": [1] * len(kernels), "kernel_sizes": kernels, "units": 1}
    keras.utils.clear_session()
    koch_encoder((size, size, 1), **small)
    if size > 1:
        with pytest.raises(ValueError, match="must fit each other"):
            koch_encoder((size - 1, size - 1, 1), **small)


def test_the_papers_own_kernels_fit_to_the_pixel():
    # Fig. 4: conv4 sees 9 pixels at 105.
    assert fits(105, [10, 7, 4, 4]) and fits(105, [10, 7, 4, 9]) and not fits(105, [10, 7, 4, 10])
    assert fits(35, [4, 3, 2, 2]) and not fits(35, [3, 3, 3, 3])


def test_starting_points_lie_within_the_ranges():
    _, trial = draw()
    starts = starting_points(LAYERS)
    assert len({tuple(start.items()) for start in starts}) == len(starts) == 4
    for start in starts:
        assert set(start) == set(trial.distributions)
        for name, value in start.items():
            found = trial.distributions[name]
            assert found.low <= value <= found.high, name
