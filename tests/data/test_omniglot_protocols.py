"""Omniglot's protocols: everybody draws the same trials and pairs, and files have their names."""

import zipfile
from dataclasses import replace

import numpy as np
import pytest

from keras_siamese.data import (
    LAKE_ALPHABETS,
    load_omniglot,
    load_protocol,
    make_glyphs,
    official_runs,
    omniglot_protocols,
    paper_splits,
    sample_pairs,
)
from keras_siamese.data.datasets.omniglot import evaluation_files
from tests.data.pair_columns import columns
from tests.data.stand_ins import glyphs, lake_files, write_zip


def test_pairs_are_those_of_a_training_with_the_seed():
    for seed in (0, 3):
        drawn = omniglot_protocols.draw_validation_pairs(glyphs(), 20, seed=seed)
        expected = sample_pairs(glyphs(), 20, seed=1000 * seed + 3)
        np.testing.assert_array_equal(columns(drawn), columns(expected))
        for different, offset in (("within-alphabet", 4), ("across-alphabets", 5)):
            drawn = omniglot_protocols.draw_test_pairs(glyphs(), 20, different=different, seed=seed)
            expected = sample_pairs(glyphs(), 20, different=different, seed=1000 * seed + offset)
            np.testing.assert_array_equal(columns(drawn), columns(expected))
    assert len(omniglot_protocols.draw_validation_pairs(glyphs())) == 10_000
    assert len(omniglot_protocols.draw_test_pairs(glyphs())) == 10_000


def test_ten_thousand_trials_of_each_kind_are_drawn():
    for n_way, n_shot in ((5, 1), (4, 2)):
        episodes = omniglot_protocols.draw_trials(
            glyphs(), n_way=n_way, n_shot=n_shot, protocol="within-alphabet"
        )
        assert episodes.num_trials == 10_000
        assert episodes.support.shape[1:] == (n_way, n_shot)
        again = omniglot_protocols.draw_trials(
            glyphs(), n_way=n_way, n_shot=n_shot, protocol="within-alphabet"
        )
        np.testing.assert_array_equal(again.support, episodes.support)


def test_the_official_runs_are_named_as_in_their_archive(tmp_path, accept_stand_in_runs):
    files = lake_files()
    write_zip(tmp_path / "all_runs.zip", files)
    protocol = load_protocol("official", data_dir=tmp_path)
    assert set(protocol.files) == {name for name in files if name.endswith(".png")}
    # Image number i of the stand-in shows i.
    shown = (protocol.images[:, 0, :10, 0] > 0) @ (1 << np.arange(10))
    np.testing.assert_array_equal(shown, np.arange(800))
    row = next(protocol.rows())
    assert row == (1, 1, "Atlantean", "run01/test/item01.png", 1, "run01/training/class01.png")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("lake", {}, "`name` must be one of .*'official'"),
        ("official", {"n_way": 5}, "`n_way` and `n_shot` must be for trials that are drawn"),
        ("verification", {"n_shot": 5}, "for 'verification'. Leave them out"),
        ("official", {"part": "test"}, "`part` must be for trials that are drawn, .*has its own"),
        ("within-alphabet", {"part": "both"}, r"`part` must be one of \('test', 'validation'\)"),
    ],
)
def test_an_unknown_protocol_is_refused(tmp_path, name, options, message):
    with pytest.raises(ValueError, match=message):
        load_protocol(name, data_dir=tmp_path, **options)


def test_a_missing_archive_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"must hold all_runs.zip"):
        load_protocol("official", data_dir=tmp_path)
    with pytest.raises(FileNotFoundError, match=r"must hold images_evaluation.zip"):
        load_protocol("verification", data_dir=tmp_path)


def test_the_numbers_of_the_files_follow_those_of_the_background_set():
    # Names of members of Lake's archive.
    expected = (
        "Angelic/character01/0965_01.png",
        "Oriya/character46/1479_02.png",
        "Syriac_(Serto)/character01/1480_03.png",
        "Sylheti/character01/1503_20.png",
        "ULOG/character26/1623_07.png",
    )
    parts = [name.rsplit("/", 1) for name in expected]
    some = make_glyphs(num_alphabets=1, characters_per_alphabet=5, num_drawers=1)
    named = replace(
        some,
        character_names=tuple(name for name, _ in parts),
        drawer=np.array([int(file[5:7]) for _, file in parts], np.int32),
    )
    assert evaluation_files(named) == expected


@pytest.mark.data
def test_files_are_named_as_in_the_archive(data_dir):
    evaluation = load_omniglot("evaluation", data_dir=data_dir)
    with zipfile.ZipFile(data_dir / "images_evaluation.zip") as archive:
        members = {name for name in archive.namelist() if name.endswith(".png")}
    names = [f"images_evaluation/{name}" for name in evaluation_files(evaluation)]
    assert len(names) == len(members) and set(names) == members


@pytest.mark.data
def test_the_protocols_are_those_of_the_tables(data_dir):
    evaluation = load_omniglot("evaluation", data_dir=data_dir)
    splits = paper_splits(load_omniglot("background", data_dir=data_dir), evaluation)
    protocol = load_protocol("verification", data_dir=data_dir)
    pairs = omniglot_protocols.draw_validation_pairs(splits.validation)
    left = splits.validation.images[pairs.left]
    np.testing.assert_array_equal(protocol.images[protocol.validation.left], left)
    assert (len(protocol.validation), len(protocol.test)) == (10_000, 10_000)
    pairs = omniglot_protocols.draw_test_pairs(splits.test)
    for side in ("left", "right"):
        np.testing.assert_array_equal(
            protocol.images[getattr(protocol.test, side)], splits.test.images[getattr(pairs, side)]
        )
    np.testing.assert_array_equal(protocol.test.same, pairs.same)
    assert set(protocol.alphabets) == set(LAKE_ALPHABETS)
    shown = {protocol.files[place].split("/")[0] for place in protocol.validation.right}
    assert not shown & set(LAKE_ALPHABETS) and len(shown) == 10
    official = load_protocol("official", data_dir=data_dir)
    runs = official_runs(data_dir=data_dir)
    np.testing.assert_array_equal(official.episodes.answers, runs.answers)
    drawn = load_protocol("within-alphabet", n_way=5, n_shot=5, data_dir=data_dir)
    assert drawn.episodes.num_trials == 10_000 and len(set(drawn.episodes.groups)) == 20


@pytest.mark.data
def test_parts_are_the_trials_of_their_alphabets(data_dir):
    shape = {"n_way": 5, "n_shot": 2}
    whole = load_protocol("within-alphabet", data_dir=data_dir, **shape)
    shown, total = [], 0
    for part in ("test", "validation"):
        within = load_protocol("within-alphabet", part=part, data_dir=data_dir, **shape)
        assert within.name == f"within-alphabet, {part}"
        rows = [row[2:4] + row[5:] for row in within.rows()]
        alphabets = {row[0] for row in rows}
        assert alphabets == {name.split("/")[0] for name in within.files}
        assert len(alphabets) == 10
        assert (alphabets == set(LAKE_ALPHABETS)) == (part == "test")
        # Lists of the whole, with the trials of the other part left out.
        assert rows == [row[2:4] + row[5:] for row in whole.rows() if row[2] in alphabets]
        place = {name: number for number, name in enumerate(whole.files)}
        np.testing.assert_array_equal(
            within.images[::97], whole.images[[place[name] for name in within.files[::97]]]
        )
        total += within.episodes.num_trials
        across = load_protocol("across-alphabets", part=part, data_dir=data_dir, **shape)
        assert across.files == within.files and across.episodes.num_trials == 10_000
        shown.append({across.files[row].split("/")[0] for row in across.episodes.support.flat})
    assert total == 10_000
    assert not shown[0] & shown[1] and len(shown[0] | shown[1]) == 20
