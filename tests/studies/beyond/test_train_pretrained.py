"""Networks beyond the paper: recipes, what is held out, and a whole run on little."""

import json

import numpy as np
import pytest

from keras_siamese import evaluate_one_shot, make_glyphs, sample_episodes
from keras_siamese.data import load_omniglot, sample_pairs
from keras_siamese.data.splits import LAKE_ALPHABETS, evaluation_parts
from keras_siamese.evaluation import pair_probabilities
from keras_siamese.evaluation.embeddings import encode_images
from keras_siamese.evaluation.episode_scores import episode_logits, score_episodes
from keras_siamese.models import average_mirrored, twin_encoder, twin_head
from keras_siamese.pretrained import build, pretrained_card
from keras_siamese.training import EpisodeConfig
from studies.beyond import network_scores, train_pretrained
from studies.beyond.recipes import RECIPES, Recipe
from studies.beyond.train_pretrained import result_card, run, run_label

TINY = Recipe(
    "tiny",
    size=12,
    encoder={"filters": [4], "num_pools": 1, "units": 8},
    episodes=EpisodeConfig(steps=60, validate_every=30, episodes_per_step=1, learning_rate=0.01),
    mirrored=True,
)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_every_recipe_is_plain_json_and_below_10_mb_in_float16(recipe):
    json.dumps(recipe.described())
    filters = [1, *recipe.encoder["filters"]]
    side = recipe.size // 2 ** recipe.encoder["num_pools"]
    weights = sum(9 * a * b + 4 * b for a, b in zip(filters, filters[1:], strict=False))
    features, units = side * side * filters[-1], recipe.encoder["units"]
    # Kernel, bias and alpha of each unit, or alpha of each feature; and the bias.
    weights += ((features + 2) * units if units else features) + 1
    assert 2 * weights < 9.9e6


def test_settings_of_recipe_and_training_go_by_their_names():
    changed = TINY.override(size=14, steps=7, loss="sigmoid")
    assert (changed.size, changed.episodes.steps, changed.episodes.loss) == (14, 7, "sigmoid")
    assert changed.encoder == TINY.encoder
    with pytest.raises(ValueError, match="A setting must be one of background.* Received: stepps"):
        TINY.override(stepps=3)
    for name in ("name", "seed", "distortions"):
        with pytest.raises(ValueError, match=f"A setting must be .* Received: {name}"):
            TINY.override(**{name: 3})
    for name, value in (
        ("encoder", 3), ("size", "large"), ("steps", "abc"), ("loss", 1), ("learning_rate", None),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"`{name}` must be like .*Received: {value!r}"):
            TINY.override(**{name: value})
    # An integer is a number, too, and None a value of what may be None.
    assert (
        TINY.override(learning_rate=1, ema_momentum=0.9)
        .override(ema_momentum=None)
        .episodes.ema_momentum
        is None
    )


def test_runs_with_other_settings_have_other_names():
    labels = {
        run_label("small", seed, settings, fold)
        for seed in (0, 1)
        for settings in ({}, {"steps": 3}, {"steps": 4})
        for fold in (None, 0, 1)
    }
    assert len(labels) == 18


@pytest.mark.data
def test_folds_share_no_alphabet_and_hold_each_large_one_out_once():
    heldout = []
    for fold in range(network_scores.FOLDS):
        train, validation = network_scores.training_part(TINY, fold)
        names = [
            {part.alphabet_names[i] for i in np.unique(part.alphabet)}
            for part in (train, validation)
        ]
        assert not names[0] & names[1]
        assert len(names[0] | names[1]) == 30
        assert len(train) + len(validation) == 19_280
        heldout += sorted(names[1])
    assert len(heldout) == len(set(heldout)) >= 24
    whole, nothing = network_scores.training_part(TINY, None)
    assert (len(whole), nothing) == (19_280, None)
    with pytest.raises(ValueError, match="--fold must be from 0 to 3"):
        network_scores.training_part(TINY, 4)


def test_what_was_held_out_is_scored_within_and_across_alphabets_mirrored_and_not():
    glyphs = make_glyphs(num_alphabets=3, characters_per_alphabet=20, num_drawers=3, size=12)
    model = build({"image_size": 12, "encoder": TINY.encoder})
    entries = network_scores.background_scores(model, glyphs)
    assert [(entry["cell"], entry["protocol"], entry["n"]) for entry in entries] == [
        (cell, protocol, 8000)
        for cell in ("held out", "held out, mirrored")
        for protocol in ("within-alphabet", "across-alphabets")
    ]
    plain, mirrored = (entry["value"] for entry in entries[::2])
    episodes = sample_episodes(glyphs, num_episodes=400, protocol="within-alphabet", seed=0)
    assert plain == evaluate_one_shot(model, episodes).accuracy
    assert mirrored == evaluate_one_shot(average_mirrored(model), episodes).accuracy != plain


def test_what_is_encoded_once_scores_as_images_do():
    glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=20, num_drawers=4, size=12)
    model = build({"image_size": 12, "encoder": TINY.encoder, "mirrored": True})
    vectors = encode_images(twin_encoder(model), glyphs.images)
    episodes = sample_episodes(glyphs, num_episodes=6, n_shot=2, seed=0)
    logits = episode_logits(twin_head(model), vectors, episodes.support, episodes.queries)
    assert score_episodes(logits, episodes) == evaluate_one_shot(model, episodes)
    pairs = sample_pairs(glyphs, 50, seed=0)
    np.testing.assert_allclose(
        pair_probabilities(network_scores.head_alone(model), vectors, pairs.left, pairs.right),
        pair_probabilities(model, glyphs.images, pairs.left, pairs.right),
        atol=1e-6,
    )


@pytest.mark.data
def test_the_images_of_the_other_ten_alphabets_are_found_by_their_alphabet():
    evaluation = load_omniglot("evaluation", size=12)
    others, _ = evaluation_parts(evaluation)
    rows = np.isin(evaluation.alphabet, others.alphabet)
    np.testing.assert_array_equal(evaluation.images[rows], others.images)


def test_redrawn_runs_are_the_same_trials_on_other_images():
    digits = make_glyphs(num_alphabets=1, characters_per_alphabet=10, num_drawers=4, size=28)
    episodes = sample_episodes(digits, num_episodes=2, n_way=10, seed=0)
    drawn = network_scores.redrawn(episodes, 35)
    for name in ("support", "queries", "answers"):
        np.testing.assert_array_equal(getattr(drawn, name), getattr(episodes, name))
    assert drawn.images.shape == (40, 35, 35, 1)
    used = np.unique([*episodes.support.ravel(), *episodes.queries.ravel()])
    for place in used:
        inked = np.flatnonzero(drawn.images[place, ..., 0].any(axis=0))
        assert inked.size and abs((inked[0] + inked[-1]) / 2 - 17) <= 1.5


@pytest.mark.data
@pytest.mark.slow
def test_a_whole_run_scores_once_and_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    monkeypatch.setattr(network_scores, "NUM_TRIALS", 200)
    monkeypatch.setattr("keras_siamese.data.omniglot_protocols.NUM_TRIALS", 200)
    arguments = {
        "seed": 0, "fold": None, "settings": {}, "data": None, "runs": tmp_path / "runs",
        "results_dir": tmp_path / "results", "write": False,
    }  # fmt: skip
    result = run("tiny", **arguments)
    stored = json.loads((tmp_path / "results" / "tiny-seed0.json").read_text())
    assert stored == json.loads(json.dumps(result))
    protocols = [(entry["cell"], entry["protocol"], entry["n"]) for entry in result["scores"]]
    assert protocols[0] == ("beyond", "official", 400)
    parts = [
        (entry["protocol"], entry["part"], entry["n"])
        for entry in result["scores"]
        if entry["cell"] == "5-way, 5-shot"
    ]
    # Within alphabets the 200 trials are of all twenty, across of each part alone.
    assert parts == [
        ("within-alphabet", "test", 100), ("within-alphabet", "validation", 100),
        ("across-alphabets", "test", 200), ("across-alphabets", "validation", 200),
    ]  # fmt: skip
    assert {entry["part"] for entry in result_card(result)["scores"]} == {"test", "validation"}
    for cell in ("MNIST, 400 trials", "MNIST, 400 trials, redrawn"):
        assert (cell, "within-alphabet", 400) in protocols
    eight = "20-way, 1-shot, eight symmetries"
    assert protocols[-4:] == [
        ("20-way, not mirrored", "official", 400), (eight, "official", 400),
        # Of ten episodes, six were drawn from the test alphabets.
        (eight, "within-alphabet", 120), (eight, "within-alphabet", 80),
    ]  # fmt: skip
    assert result_card(result)["mirrored"]
    groups = result["scores"][0]["per_alphabet"]
    assert set(groups) == set(LAKE_ALPHABETS)
    assert set(result["operating_points"]) == {"0.01", "0.001"}
    assert set(result_card(result)["thresholds"]) == {"0.01", "0.001"}
    again = run("tiny", **arguments)
    # Measured, so that a second training would have others.
    assert again["seconds"] == result["seconds"]
    assert again["scores"] == result["scores"]
    with pytest.raises(ValueError, match="--write and --fold must not come together"):
        run("tiny", **{**arguments, "fold": 0, "write": True})
    with pytest.raises(ValueError, match="--write and --set must not come together.*--set steps"):
        run("tiny", **{**arguments, "settings": {"steps": 3}, "write": True})
    with pytest.raises(ValueError, match="must be one of small"):
        run("huge", **arguments)


def test_the_header_tells_what_ships():
    shipped = pretrained_card("omniglot")
    # The card gives the command as it was at its commit, where the module was in another folder.
    made = shipped["training"]["command"].partition("beyond.train_pretrained ")[2]
    assert f"`{made}`" in train_pretrained.__doc__
    assert f"{shipped['scores'][0]['value']:.2%} of the official runs" in train_pretrained.__doc__
