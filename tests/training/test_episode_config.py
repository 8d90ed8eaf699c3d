"""The configuration of training on episodes."""

import pytest

from keras_siamese.training import EpisodeConfig, TrainingConfig


def test_epochs_are_the_validations_of_the_run():
    assert EpisodeConfig(steps=1000, validate_every=500).epochs == 2
    assert EpisodeConfig(steps=1001, validate_every=500).epochs == 3


def test_pairs_of_a_step():
    assert EpisodeConfig().pairs_per_step == 4 * 400
    assert EpisodeConfig(n_way=5, n_shot=3, episodes_per_step=2).pairs_per_step == 2 * 5 * 5 * 3
    drawers = EpisodeConfig(n_way=5, n_shot=3, episodes_per_step=2, compare="drawers")
    assert drawers.pairs_per_step == 2 * 5 * 5 * 6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("episodes_per_step", 0),
        ("episodes_per_step", 1.0),
        ("steps", "many"),
        ("n_way", 20.0),
        ("seed", None),
        ("steps", 0),
        ("validate_every", 0),
        ("compare", "all"),
        ("loss", "hinge"),
        ("optimizer", "sgd"),
        ("restore_best_weights", "ema"),
        ("label_smoothing", 1.0),
        ("learning_rate", 0.0),
        ("learning_rate", float("inf")),
        ("kernel_factor", 0.0),
        ("weight_decay", -1e-4),
        ("ema_momentum", 1.0),
        ("camera", True),
    ],
)
def test_settings_out_of_range_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: .*{value}"):
        EpisodeConfig(**{name: value})


@pytest.mark.parametrize("value", ["x", float("nan"), float("inf"), -1, {}, [], Ellipsis], ids=repr)
@pytest.mark.parametrize("name", EpisodeConfig.__dataclass_fields__)
def test_every_setting_of_a_wrong_type_is_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received:"):
        EpisodeConfig(**{name: value})


@pytest.mark.parametrize("value", ["x", float("nan"), float("inf"), -1, {}, [], Ellipsis], ids=repr)
@pytest.mark.parametrize("name", TrainingConfig.__dataclass_fields__)
def test_every_setting_of_the_papers_loop_of_a_wrong_type_is_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received:"):
        TrainingConfig(**{name: value})
