"""Old names and spellings still work, warn at the caller's line, and name what replaces them."""

import importlib
import inspect
import json
import re
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import keras_siamese as ks
from keras_siamese.classifier.known import Known
from keras_siamese.deprecated import ARGUMENTS, INKS, NAMES, current_values
from keras_siamese.serving import saved_model
from keras_siamese.training.checkpoints import check_configuration

GLYPHS = ks.make_glyphs(num_alphabets=2, characters_per_alphabet=5, num_drawers=4, size=8, seed=0)
EPISODES = ks.sample_episodes(GLYPHS, num_episodes=2, n_way=3, seed=0)


def warned(old, now):
    """Expect the warning that names both."""
    return pytest.warns(DeprecationWarning, match=f"{re.escape(old)}.*{re.escape(now)}")


@pytest.mark.parametrize(
    ("package", "old", "now"),
    [(package, *names) for package, table in NAMES.items() for names in table.items()],
)
def test_an_old_name_is_the_new_thing(package, old, now):
    module = importlib.import_module(package)
    home, _, name = now.rpartition(".")
    assert old not in module.__all__
    with warned(f"{package}.{old}", now) as warnings:
        found = getattr(module, old)
    assert found is getattr(importlib.import_module(home), name)
    assert [Path(each.filename) for each in warnings] == [Path(__file__)]


def test_the_changelog_lists_every_old_name():
    text = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
    for table in NAMES.values():
        for old, now in table.items():
            assert f"`{old}`" in text and f"`{now.rpartition('.')[2]}`" in text


def test_a_new_name_warns_of_nothing():
    assert ks.data.sample_episodes is ks.sample_episodes


def test_old_arguments_of_drawing():
    with warned("`num_runs` of sample_episodes", "`num_episodes`") as warnings:
        drawn = ks.sample_episodes(GLYPHS, num_runs=2, n_way=3, seed=0)
    assert [Path(each.filename) for each in warnings] == [Path(__file__)]
    np.testing.assert_array_equal(drawn.support, EPISODES.support)
    with warned("`runs_per_alphabet`", "`episodes_per_alphabet`"):
        ks.sample_episodes(GLYPHS, num_episodes=2, n_way=3, runs_per_alphabet=1, seed=0)


def test_old_arguments_of_scoring():
    scores = np.zeros((*EPISODES.queries.shape, 3))
    with warned("`runs` of score_episodes", "`episodes`"):
        assert ks.evaluation.score_episodes(scores, runs=EPISODES).correct == 0
    for name in ("nearest_neighbour_scores", "hausdorff_scores"):
        score = getattr(ks.evaluation, name)
        with warned(f"`runs` of {name}", "`episodes`"):
            np.testing.assert_array_equal(score(runs=EPISODES), score(EPISODES))


def test_an_argument_by_both_names_is_refused():
    with pytest.raises(TypeError, match="score_episodes.. got `episodes` and `runs`"):
        ks.evaluation.score_episodes(np.zeros(1), episodes=EPISODES, runs=EPISODES)


def test_old_names_of_the_validation():
    with warned("`runs` of OneShotValidation", "`episodes`"):
        callback = ks.training.OneShotValidation(runs=EPISODES)
    with warned("`runs` of OneShotValidation", "`episodes`"):
        assert callback.runs is EPISODES
    network = ks.siamese_network(ks.dense_encoder((8, 8, 1), units=(4,)))
    with warned("`network` of OneShotValidation", "`evaluate_one_shot`") as warnings:
        callback = ks.training.OneShotValidation(EPISODES, network=network)
    assert [Path(each.filename) for each in warnings] == [Path(__file__)]
    callback.set_model(ks.siamese_network(ks.dense_encoder((9, 9, 1), units=(4,))))
    logs = {}
    callback.on_epoch_end(0, logs)
    expected = ks.evaluate_one_shot(network, EPISODES).accuracy
    assert logs["val_one_shot_accuracy"] == expected


@pytest.mark.parametrize("train", [ks.train, ks.train_episodes])
def test_trainings_take_validation_runs(train):
    # Python's own error shows that the argument came by its new name.
    with warned("`validation_runs`", "`validation_episodes`"), pytest.raises(TypeError) as told:
        train(validation_runs=EPISODES)
    assert "unexpected" not in str(told.value) and "validation" not in str(told.value)


def test_the_old_spelling_of_a_protocol():
    old, now = "across-alphabet", "across-alphabets"
    options = {"num_episodes": 2, "n_way": 3, "seed": 0}
    with warned(f'"{old}"', f'"{now}"') as warnings:
        drawn = ks.sample_episodes(GLYPHS, protocol=old, **options)
    assert [Path(each.filename) for each in warnings] == [Path(__file__)]
    assert drawn.protocol == now
    for make in (
        lambda: ks.data.max_n_way(GLYPHS, protocol=old),
        lambda: ks.data.EpisodeSampler(GLYPHS, n_way=3, protocol=old),
    ):
        with warned(f'"{old}"', f'"{now}"'):
            make()
    with warned(f'"{old}"', f'"{now}"'):
        assert ks.training.EpisodeConfig(protocol=old).protocol == now
    with warned(f'"{old}"', f'"{now}"'):
        values = {name: getattr(EPISODES, name) for name in ("images", "support", "queries")}
        ks.data.OneShotEpisodes(**values, answers=EPISODES.answers, groups=("", ""), protocol=old)


def test_what_an_earlier_version_saved_is_read_in_the_present_spelling():
    saved = {"other": [{"protocol": "across-alphabet"}], "name": "across-alphabet", "n": 3}
    assert current_values(saved) == {
        "other": [{"protocol": "across-alphabets"}],
        "name": "across-alphabet",
        "n": 3,
    }


def test_old_names_of_the_settings_of_episodes():
    with pytest.warns(DeprecationWarning) as warnings:
        config = ks.training.EpisodeConfig(ema=0.9, keep="best")
    assert len(warnings) == 2
    assert {Path(each.filename) for each in warnings} == {Path(__file__)}
    assert config == ks.training.EpisodeConfig(ema_momentum=0.9, restore_best_weights=True)
    with warned("`ema` of EpisodeConfig", "`ema_momentum`"):
        assert config.ema == 0.9
    with warned("`keep` of EpisodeConfig", "`restore_best_weights`"):
        assert config.keep == "best"
    with warned("`keep` of EpisodeConfig", "`restore_best_weights`"):
        assert not replace(config, keep="last").restore_best_weights
    with warned("`keep`", "`restore_best_weights`"), pytest.raises(ValueError, match="first"):
        ks.training.EpisodeConfig(keep="first")


@pytest.fixture
def drawing(tmp_path):
    """A dark line on light ground, as the only image of the class "line"."""
    pixels = np.full((9, 9), 250, np.uint8)
    pixels[4] = 10
    (tmp_path / "line").mkdir()
    Image.fromarray(pixels).save(tmp_path / "line" / "1.png")
    return tmp_path / "line" / "1.png"


READERS = {
    "read_image": lambda file, **look: ks.read_image(file, size=9, **look),
    "read_images": lambda file, **look: ks.data.read_images([file], 9, **look)[file],
    "load_folder": lambda file, **look: ks.load_folder(file.parents[1], size=9, **look).images[0],
    "load_support": lambda file, **look: ks.load_support(file.parents[1], size=9, **look)[0][0],
}


@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("name", READERS)
def test_ink_is_the_old_name_of_polarity(name, ink, drawing):
    now = " and ".join(f'`{argument}="{word}"`' for argument, word in INKS[ink].items())
    with warned(f"`ink` of {name}", now) as warnings:
        found = READERS[name](drawing, ink=ink)
    assert [Path(each.filename) for each in warnings] == [Path(__file__)]
    np.testing.assert_array_equal(found, READERS[name](drawing, **INKS[ink]))


@pytest.mark.parametrize("name", READERS)
def test_ink_is_unknown_or_contradicts_what_is_newer(name, drawing):
    for look, said in (
        ({"ink": "black"}, "`ink` must be one of"),
        ({"ink": "dark", "polarity": "auto"}, "`ink` must not be given with `polarity`"),
        ({"ink": "dark", "paper": "keep"}, "`ink` must not be given with `polarity` or `paper`"),
        ({"ink": "dark", "preprocessing": ks.Preprocessing(9)}, "or `preprocessing`"),
    ):
        with pytest.raises(ValueError, match=said):
            READERS[name](drawing, **look)
    np.testing.assert_array_equal(READERS[name](drawing, ink=None), READERS[name](drawing))


@pytest.mark.parametrize(("ink", "polarity"), [("dark", "dark_on_light"), ("auto", "auto")])
def test_exports_take_ink(ink, polarity, tmp_path, monkeypatch):
    network = ks.siamese_network(ks.dense_encoder((8, 8, 1), units=(4,)))
    reading = ks.Preprocessing(8, polarity="light_on_dark", paper="keep")
    made = []
    monkeypatch.setattr(
        saved_model, "_write", lambda *_, preprocessing, **__: made.append(preprocessing)
    )
    monkeypatch.setattr(saved_model, "_replacing", lambda target: nullcontext(target))
    with warned("`ink` of export", f'`polarity="{polarity}"`'):
        ks.export(network, tmp_path / "a", ink=ink)
    with warned("`ink` of Recognizer.export", f'`polarity="{polarity}"`'):
        ks.Recognizer(network, reading).export(tmp_path / "b", ink=ink)
    # What the recognizer says besides stays.
    assert made == [ks.Preprocessing(8, polarity=polarity), replace(reading, polarity=polarity)]


def test_old_names_of_the_episodes_of_a_step():
    ranges = ks.data.AffineRanges()
    with warned("`blocks` of EpisodeConfig", "`episodes_per_step`"):
        config = ks.training.EpisodeConfig(blocks=2)
    assert config == ks.training.EpisodeConfig(episodes_per_step=2)
    with warned("`blocks` of EpisodeConfig", "`episodes_per_step`"):
        assert config.blocks == 2
    with warned("`block_distortions` of EpisodeConfig", "`episode_distortions`"):
        config = replace(config, block_distortions=ranges)
    assert config.episode_distortions is ranges
    with warned("`block_distortions` of EpisodeSampler", "`episode_distortions`"):
        sampler = ks.data.EpisodeSampler(GLYPHS, n_way=3, block_distortions=ranges)
    with warned("`block_distortions` of EpisodeSampler", "`episode_distortions`"):
        assert sampler.block_distortions is ranges
    with warned("`num_blocks` of EpisodeSampler.draw", "`num_episodes`"):
        drawn = sampler.draw(0, num_blocks=2)
    np.testing.assert_array_equal(drawn.transforms, sampler.draw(0, 2).transforms)


def test_a_state_of_an_earlier_version_is_of_the_same_configuration(tmp_path):
    now = asdict(ks.training.EpisodeConfig(protocol="across-alphabets", ema_momentum=0.9))
    own = {"settings": {"protocol": "across-alphabet", "keep": "last"}}
    saved = {key: value for key, value in now.items() if key != "restore_best_weights"}
    saved["ema"] = saved.pop("ema_momentum")
    saved["blocks"] = saved.pop("episodes_per_step")
    saved["block_distortions"] = saved.pop("episode_distortions")
    saved = json.loads(json.dumps(saved | {"keep": "last", "protocol": "across-alphabet"}))
    check_configuration(tmp_path, saved | own, now | own)
    with pytest.raises(ValueError, match="restore_best_weights"):
        check_configuration(tmp_path, saved | own | {"keep": "best"}, now | own)


def test_old_name_of_the_support_set_of_a_classifier():
    network = ks.siamese_network(ks.dense_encoder((8, 8, 1), units=(4,)))
    classifier = ks.OneShotClassifier(network).fit(GLYPHS.images[:2], ["a", "b"])
    with warned("`references_` of OneShotClassifier", "`support_`"):
        np.testing.assert_array_equal(classifier.references_, classifier.support_)


def test_a_pickle_of_an_earlier_version_is_read():
    # What was pickled is a state like this one.
    known = Known.__new__(Known)
    known.__setstate__({"references": np.zeros((1, 2)), "classes": np.array(["a"])})
    assert known.support.shape == (1, 2) and known.classes.tolist() == ["a"]


def test_a_function_keeps_its_name_and_signature():
    assert ks.sample_episodes.__name__ == "sample_episodes"
    assert list(inspect.signature(ks.sample_episodes).parameters)[:2] == ["dataset", "num_episodes"]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_every_new_argument_is_one_and_no_old_one_is(name):
    packages = (ks, ks.data, ks.evaluation, ks.training)
    public, _, method = name.partition(".")
    (called,) = {
        id(getattr(p, public)): getattr(p, public) for p in packages if public in p.__all__
    }.values()
    called = getattr(called, method) if method else called
    parameters = set(inspect.signature(called).parameters)
    assert set(ARGUMENTS[name].values()) <= parameters and not parameters & set(ARGUMENTS[name])
