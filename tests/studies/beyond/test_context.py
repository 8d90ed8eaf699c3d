"""A head with the candidates as context: what it may see, where it begins, and that it learns."""

import json
from dataclasses import asdict, replace

import keras
import numpy as np
import pytest

from keras_siamese import make_glyphs, sample_episodes
from studies.beyond import context
from studies.beyond.context_head import ContextHead
from studies.beyond.context_training import (
    ContextConfig,
    all_logits,
    draw_batches,
    encode_turned,
    encode_views,
    train_head,
    turned_logits,
)

FEATURES, PLACES = 8, 4


def head(**changed):
    kernel = -np.linspace(0.5, 2.0, FEATURES).astype(np.float32)
    small = {"places": PLACES, "maps": 2, "width": 3, "units": 8, "heads": 2}
    return ContextHead(kernel, **{**small, **changed})


def trials(seed=0, n_query=3, n_way=5):
    rng = np.random.default_rng(seed)
    return (
        rng.random((2, n_query, FEATURES), np.float32),
        rng.random((2, n_way, FEATURES), np.float32),
    )


def trained(**changed):
    """Return a head whose output is no longer the plain logits."""
    one = head(**changed)
    one(*trials())
    rng = np.random.default_rng(3)
    one.set_weights([rng.normal(0, 0.5, value.shape) for value in one.get_weights()])
    return one


def plain(one, queries, candidates):
    return np.abs(queries[:, :, None] - candidates[:, None]) @ one.kernel


@pytest.mark.parametrize("seen", [True, False])
def test_training_begins_at_the_network_without_context(seen):
    one = head(context=seen, sharpness=1.5)
    queries, candidates = trials()
    np.testing.assert_allclose(
        one(queries, candidates), 1.5 * plain(one, queries, candidates), rtol=1e-5
    )


def test_the_order_of_the_candidates_changes_nothing_but_the_order_of_the_logits():
    one, (queries, candidates) = trained(), trials()
    order = np.random.default_rng(1).permutation(candidates.shape[1])
    logits = np.asarray(one(queries, candidates))
    turned = np.asarray(one(queries, candidates[:, order]))
    np.testing.assert_allclose(turned, logits[:, :, order], rtol=1e-4, atol=1e-4)


def test_a_query_is_answered_alone():
    one, (queries, candidates) = trained(), trials()
    together = np.asarray(one(queries, candidates))
    alone = np.concatenate(
        [np.asarray(one(queries[:, [place]], candidates)) for place in range(3)], axis=1
    )
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-4)


def test_a_candidate_changes_the_logits_of_others_only_with_context():
    queries, candidates = trials()
    other = candidates.copy()
    other[:, 0] = 1 - other[:, 0]
    for seen in (True, False):
        one = trained(context=seen)
        before, after = (np.asarray(one(queries, given))[:, :, 1:] for given in (candidates, other))
        assert np.allclose(before, after, atol=1e-5) != seen


def test_one_seed_gives_one_head_and_another_seed_another():
    queries, candidates = trials()

    def weights(seed):
        one = head(seed=seed)
        one(queries, candidates)
        return np.concatenate([value.ravel() for value in one.get_weights()])

    assert np.array_equal(weights(1), weights(1))
    assert not np.array_equal(weights(1), weights(2))


def test_it_learns_what_plain_distances_cannot_tell():
    # The first half of the features says nothing: a query shows its class in the second alone.
    rng = np.random.default_rng(0)

    def batches(steps):
        for _ in range(steps):
            candidates = rng.random((8, 5, FEATURES), np.float32)
            queries = candidates.copy()
            queries[..., : FEATURES // 2] = rng.random((8, 5, FEATURES // 2), np.float32)
            yield queries, candidates

    one = ContextHead(
        -np.full(FEATURES, 1.0, np.float32), places=PLACES, maps=4, width=4, units=16, dropout=0.0
    )
    config = ContextConfig(steps=300, learning_rate=0.01, weight_decay=0.0)
    history = train_head(one, batches(300), config)
    assert history["loss"][-1] < 0.7 * history["plain_loss"][-1]
    assert history["loss"][0] < 1.2 * history["plain_loss"][0]


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"places": 3}, "places"), ({"heads": 3}, "heads"), ({"kernel": np.ones((8, 1))}, "kernel")],
)
def test_parts_that_do_not_fit_are_refused(changed, told):
    kernel = changed.pop("kernel", np.ones(FEATURES))
    with pytest.raises(ValueError, match=told):
        ContextHead(kernel, **{"places": PLACES, "units": 8, "heads": 2, **changed})


def test_inputs_that_do_not_fit_are_refused():
    queries, candidates = trials()
    with pytest.raises(ValueError, match="queries"):
        head()(queries[..., :4], candidates)
    with pytest.raises(ValueError, match="candidates"):
        head()(queries, candidates[0])
    with pytest.raises(ValueError, match="two or more"):
        head()(queries, candidates[:, :1])
    with pytest.raises(ValueError, match="each trial"):
        head()(queries, candidates[:1])


def tiny_encoder():
    image = keras.Input((12, 12, 1))
    outputs = keras.layers.MaxPooling2D(6)(image)
    outputs = keras.layers.Conv2D(2, 1, activation="sigmoid")(outputs)
    return keras.Model(image, keras.layers.Flatten()(outputs))


def test_views_turn_an_alphabet_as_a_whole_and_episodes_take_one_view_each():
    glyphs = make_glyphs(num_alphabets=2, characters_per_alphabet=6, num_drawers=3, size=12, seed=0)
    encoder = tiny_encoder()
    views = encode_views(encoder, glyphs, 3, seed=0, batch_size=7)
    assert views.shape == (3, len(glyphs), FEATURES)
    assert np.array_equal(views, encode_views(encoder, glyphs, 3, seed=0))
    assert not np.array_equal(views[0], views[1])
    config = ContextConfig(steps=2, episodes_per_step=4)
    # Marked by view, image and feature.
    marked = np.arange(3)[:, None, None] + np.zeros(views.shape)
    for queries, candidates in draw_batches(glyphs, marked, config, seed=0, n_way=6):
        assert queries.shape == candidates.shape == (4, 6, FEATURES)
        for one in np.concatenate([queries, candidates], axis=1):
            assert len(np.unique(one)) == 1


def test_scores_are_the_mean_over_turned_images():
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=6, num_drawers=2, size=12, seed=0)
    episodes = sample_episodes(glyphs, num_episodes=2, n_way=4, n_query=3, seed=0)
    turned = np.random.default_rng(0).random((8, len(glyphs), FEATURES), np.float32)
    one = head(sharpness=1.0)
    support = episodes.support[:, :, 0]
    parts = [plain(one, vectors[episodes.queries], vectors[support]) for vectors in turned]
    found = all_logits(one, turned, episodes)
    np.testing.assert_allclose(found["plain"], np.mean(parts, axis=0), rtol=1e-4)
    np.testing.assert_allclose(found["shipped"], np.mean(parts[:4], axis=0), rtol=1e-4)
    np.testing.assert_allclose(found["head"], found["plain"], rtol=1e-4)
    several = replace(episodes, support=np.repeat(episodes.support, 2, axis=2))
    with pytest.raises(ValueError, match="one shot"):
        turned_logits(one, turned, several)


def test_the_eight_turned_images_are_different_and_the_first_four_are_mirrored():
    image = keras.Input((3, 3, 1))
    encoder = keras.Model(image, keras.layers.Flatten()(image))
    images = np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1)
    turned = np.rint(255 * encode_turned(encoder, images)[:, 0]).astype(int)
    assert len(np.unique(turned, axis=0)) == 8
    assert turned[:4].tolist() == [
        [0, 1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 0, 5, 4, 3, 8, 7, 6],
        [6, 7, 8, 3, 4, 5, 0, 1, 2], [8, 7, 6, 5, 4, 3, 2, 1, 0],
    ]  # fmt: skip


def test_trials_are_compared_one_by_one():
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=4, num_drawers=2, size=12, seed=0)
    episodes = sample_episodes(glyphs, num_episodes=1, n_way=4, seed=0)
    answers = episodes.answers[0]
    right, wrong = np.eye(4)[answers][None], np.eye(4)[(answers + 1) % 4][None]
    before, after = right.copy(), right.copy()
    before[0, :2], after[0, 1:2], after[0, 3] = wrong[0, :2], wrong[0, 1:2], wrong[0, 3]
    found = context.compare_with_context(
        {"head": after, "plain": before, "shipped": right}, episodes
    )
    assert (found["value"], found["n"]) == (0.5, 4)
    assert found["plain"] == {"value": 0.5, "gained": 1, "lost": 1}
    assert found["shipped"] == {"value": 1.0, "gained": 0, "lost": 2}


def test_a_setting_that_is_not_there_is_told(tmp_path, capsys):
    with pytest.raises(SystemExit):
        context.main(set_=["stepps=3"], results=tmp_path)
    assert "stepps" in capsys.readouterr().err
    json.dumps(asdict(ContextConfig()))


@pytest.mark.parametrize(
    "setting",
    ["steps=-1", "views=0", "episodes_per_step=1.5", "units=7", "learning_rate=fast", "dropout=1"],
)
def test_a_setting_that_does_not_fit_is_told_before_anything_is_read(
    setting, tmp_path, monkeypatch, capsys
):
    def no_data(*args, **options):
        raise AssertionError("read")

    monkeypatch.setattr("keras_siamese.data.load_omniglot", no_data)
    with pytest.raises(SystemExit):
        context.main(set_=[setting], runs=tmp_path)
    assert f"`{setting.partition('=')[0]}`" in capsys.readouterr().err


def test_a_whole_run_says_where_it_comes_from_and_scores_the_test_only_where_asked(
    tmp_path, monkeypatch, capsys
):
    glyphs = make_glyphs(
        num_alphabets=2, characters_per_alphabet=20, num_drawers=3, size=53, seed=0
    )
    runs = sample_episodes(glyphs, num_episodes=2, seed=0)
    monkeypatch.setattr("keras_siamese.data.load_omniglot", lambda *parts, **options: glyphs)
    monkeypatch.setattr("keras_siamese.data.splits.evaluation_parts", lambda part: (part, part))
    monkeypatch.setattr(context, "VALIDATION_EPISODES", 2)
    asked = []
    monkeypatch.setattr(
        "keras_siamese.data.official_runs", lambda **options: asked.append(1) or runs
    )
    monkeypatch.setattr(
        "keras_siamese.data.omniglot_protocols.draw_trials", lambda *given, **options: runs
    )
    little = ["steps=2", "views=1", "episodes_per_step=1"]
    context.main(set_=little, runs=tmp_path)
    assert not asked
    context.main(seed=[0, 1], set_=little, runs=tmp_path, test=True)
    assert asked == [1]
    path, other = sorted((tmp_path / "results").glob("context-*-seed?.json"))
    assert json.loads(other.read_text())["seed"] == 1
    result = json.loads(path.read_text())
    assert result["validation"]["n"] == 40
    assert result["recipe"]["config"]["steps"] == result["training"]["steps"] == 2
    assert {"hardware", "versions", "commit", "seed", "parameters"} <= set(result)
    assert result["scores"][0]["protocol"] == "within-alphabet"
    assert "validation, 40 trials" in capsys.readouterr().out
