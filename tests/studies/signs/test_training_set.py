"""Training set, trials and card of the network for signs, small and without a network."""

from pathlib import Path

import numpy as np
import pytest

from keras_siamese.data import Preprocessing
from keras_siamese.models import twin_encoder, twin_head
from keras_siamese.pretrained import build, load_pretrained
from studies.signs import (
    domains,
    heldout,
    heldout_guard,
    made_pictures,
    sign_run,
    sign_training,
    training_set,
)
from studies.signs.card import development_entries, fit_probabilities, sign_card
from studies.signs.domains import Domain
from studies.signs.packages import code_mark, package
from studies.signs.training_set import TrainingSet
from studies.signs.trial_logits import read_domain, trial_logits
from studies.signs.trials import draw_domain_trials, pairs_of

READING = Preprocessing(16, "rgb", polarity="dark_on_light", aspect="fit")


@pytest.fixture(scope="module")
def colours():
    """Return a domain whose classes are colours, each in two looks."""
    rng = np.random.default_rng(0)
    names = [f"colour {i}" for i in range(24)]
    pictures = []
    for _ in names:
        picture = np.full((96, 96, 3), 255, np.uint8)
        picture[24:72, 24:72] = rng.integers(0, 200, 3)
        pictures += [picture, np.roll(picture, 3, axis=1)]
    return Domain(
        name="icons",
        part="development",
        pictures=pictures,
        names=[name for name in names for _ in range(2)],
        groups=["all"] * 48,
        variants=["here", "there"] * 24,
        sources=[package("@iconify-json/ion")],
    )


def test_a_trial_takes_every_support_from_another_look(colours):
    trials = draw_domain_trials(colours, 50, seed=1)
    assert trials.support.shape == (50, 20, 1) and trials.groups == ("all",) * 50
    for query, supports in zip(trials.queries[:, 0], trials.support[..., 0], strict=True):
        names = [colours.names[i] for i in supports]
        assert names[0] == colours.names[query] and len(set(names)) == 20
        assert all(colours.variants[i] != colours.variants[query] for i in supports)


def test_the_pairs_of_trials_hold_one_same_pair_each(colours):
    trials = draw_domain_trials(colours, 5)
    pairs = pairs_of(trials)
    assert len(pairs.left) == 100 and pairs.same.sum() == 5
    assert (pairs.right[pairs.same] == trials.support[:, 0, 0]).all()


def test_a_network_that_takes_all_pictures_for_the_same_gets_no_trial_right(colours):
    model = build({"image_size": 16, "encoder": {"filters": [8], "num_pools": 1, "units": None},
                   "preprocessing": READING.to_json()})  # fmt: skip
    weights = [np.zeros_like(value) for value in twin_head(model).get_weights()]
    twin_head(model).set_weights(weights)
    images = read_domain(colours, READING)
    assert trial_logits(model, images, draw_domain_trials(colours, 5)).shape == (5, 1, 20)
    (entry,) = development_entries(model, {"icons": (colours, images)})
    assert entry["value"] == 0 and entry["n"] == 1000


def test_pictures_are_read_with_paper_zero(colours):
    images = read_domain(colours, READING)
    assert images.shape == (48, 16, 16, 3)
    assert images[0, 0, 0].tolist() == [0, 0, 0] and images[0, 8, 8].max() > 50


def test_a_card_has_scores_sources_and_a_threshold_for_each_domain(colours):
    reading = {"image_size": 16, "encoder": {"filters": [8], "num_pools": 1, "units": None}}
    model = build({**reading, "preprocessing": READING.to_json()})
    alpha, bias = twin_head(model).get_weights()
    twin_head(model).set_weights([-np.ones_like(alpha), bias])
    domains = {"icons": (colours, read_domain(colours, READING))}
    thresholds = fit_probabilities(model, domains)
    scores = development_entries(model, domains)
    assert scores[0]["what"] == "one-shot accuracy, icons, 20-way" and scores[0]["value"] > 0.3
    made = sign_card(
        thresholds=thresholds, scores=scores, sources=[package("@iconify-json/bi")],
        parameters=1, mirrored=False, training={},
    )  # fmt: skip
    assert set(made["thresholds"]) == {"0.01", "0.001"}
    assert set(made["thresholds_by_domain"]) == {"icons"}
    assert made["sources"][0]["license"] == "MIT" and made["sources"][0]["attribution"]


def test_classes_with_one_picture_are_left_out():
    found = TrainingSet(READING)
    picture = np.full((32, 32, 3), 255, np.uint8)
    picture[8:20, 8:20] = (200, 0, 0)
    for name, look in (("bell", 1), ("bell", 2), ("box", 1)):
        found.add(picture, "icon 0", name, look)
    found.add(np.full((32, 32, 3), 255, np.uint8), "icon 0", "blank", 1)
    data = found.dataset()
    assert data.character_names == ("icon/bell",) and data.drawer.tolist() == [1, 2]
    assert data.preprocessing == READING


def test_icons_that_are_scored_are_left_out_of_training(monkeypatch, square_set):
    names = {"test": ("box",), "development": ("wide",)}
    monkeypatch.setattr(heldout, "icon_names", names.get)
    monkeypatch.setattr(training_set, "icon_set", lambda prefix: square_set)
    found = TrainingSet(READING)
    training_set.add_icons(found, np.random.default_rng(0))
    assert not found.names


def test_a_guard_that_finds_a_scored_icon_stops_the_building(monkeypatch, square_set):
    monkeypatch.setattr(heldout, "icon_names", {"test": ("box",), "development": ()}.get)
    monkeypatch.setattr(training_set, "icon_set", lambda prefix: square_set)
    monkeypatch.setattr(training_set, "Held", lambda names: ())
    with pytest.raises(ValueError, match="box"):
        training_set.add_icons(TrainingSet(READING), np.random.default_rng(0))


def test_letters_of_held_out_scripts_are_left_out(monkeypatch, tiny_font):
    monkeypatch.setattr(training_set, "font", lambda name, style: tiny_font)
    monkeypatch.setattr(training_set, "styles", lambda name: ["400-normal"])
    found = TrainingSet(READING)
    training_set.add_fonts(found, np.random.default_rng(0))
    # The font has Latin, Greek and Armenian.
    assert not found.names


def test_made_flags_and_scenes_depend_on_the_generator_alone():
    for make in (made_pictures.flag, made_pictures.scene):
        pictures = [make(np.random.default_rng(seed)) for seed in (3, 3, 4)]
        assert np.array_equal(pictures[0], pictures[1])
        assert not np.array_equal(pictures[0], pictures[2])


def test_the_network_begins_with_the_kernels_for_handwriting():
    model = sign_training.sign_network(Preprocessing(40, "rgb", polarity="dark_on_light"))
    first = load_pretrained("omniglot")
    assert twin_encoder(model).input_shape == (None, 40, 40, 3)
    kernel, grey = twin_encoder(model).get_weights()[0], twin_encoder(first).get_weights()[0]
    np.testing.assert_allclose(kernel.sum(axis=2, keepdims=True), grey, atol=1e-5)
    alphas = [
        twin_head(net).get_weights()[0].reshape(-1, 256).sum(axis=0) for net in (model, first)
    ]
    np.testing.assert_allclose(*alphas, rtol=1e-3)


def test_scripts_of_the_test_and_of_evaluation_are_forbidden():
    assert (
        set(heldout.EVALUATION_SCRIPTS) | set(heldout.TEST_SCRIPTS)
        < heldout_guard.FORBIDDEN_SCRIPTS
    )


def test_the_files_that_kept_pictures_depend_on_are_there():
    folder = Path(sign_training.__file__).parent
    for module in (*domains._MODULES, *sign_run._MODULES):
        assert (folder / f"{module}.py").is_file()
    assert code_mark(domains._MODULES) != code_mark(sign_run._MODULES)
