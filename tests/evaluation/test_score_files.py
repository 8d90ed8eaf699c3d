"""Files of embeddings or scores: every form, and what is wrong with damaged ones."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from keras_siamese.data import load_protocol
from keras_siamese.evaluation import evaluate_one_shot, score_file, score_protocol
from tests.data.stand_ins import glyphs, one_shot_protocol, verification_protocol

NAMES = tuple(f"set/sign{place:02d}/{place}.png" for place in range(48))
EMBEDDINGS = np.random.default_rng(0).normal(size=(48, 5)).astype(np.float32)
EMBEDDINGS += 3 * np.eye(12, 5)[glyphs().character % 5]
ONE_SHOT = one_shot_protocol(num_episodes=4, files=NAMES)
SCORES = np.random.default_rng(1).random((12, 5))
PAIRS = verification_protocol(30, 20, files=NAMES)
BY_L2 = score_protocol(ONE_SHOT, embeddings=EMBEDDINGS, metric="l2")
BY_SCORE = score_protocol(ONE_SHOT, scores=SCORES)


def write_csv(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)
    return path


def listed(protocol, scores):
    """The list of a protocol with a column of scores."""
    values = np.asarray(scores).reshape(-1)
    return [(*row, value) for row, value in zip(protocol.rows(), values, strict=True)]


def test_embeddings_are_found_by_name_in_any_order(tmp_path):
    path = tmp_path / "a.npz"
    order = np.random.default_rng(2).permutation(48)
    longer = [f"C:\\data\\{NAMES[place]}".replace("/", "\\") for place in order]
    # Images that the protocol does not use are left out.
    np.savez(
        path,
        files=[*longer, "set/sign99/99.png"],
        embeddings=np.concatenate([EMBEDDINGS[order], np.zeros((1, 5), np.float32)]),
    )
    assert score_file(path, ONE_SHOT, metric="l2") == BY_L2
    np.savez(path, files=np.array(NAMES, "S"), embeddings=EMBEDDINGS)
    assert score_file(path, ONE_SHOT, metric="l2") == BY_L2


@pytest.mark.parametrize(
    "names",
    [
        # Without alphabets, of one depth, the last parts equal, of several depths.
        [f"{place}.png" for place in range(48)],
        [f"{place}/image.png" for place in range(48)],
        [f"{place}/x/y/0.png" for place in range(48)],
        ["0.png", *(f"{'a/' * place}0.png" for place in range(1, 48))],
        [f"C:\\signs\\{place}.png" for place in range(48)],
    ],
    ids=["flat", "folders", "deep", "mixed", "windows"],
)
@pytest.mark.parametrize("before", ["", "/data/", "D:\\data\\", "../x y/"])
def test_names_are_as_long_as_those_of_the_protocol(tmp_path, names, before):
    protocol = replace(ONE_SHOT, files=tuple(names))
    order = np.random.default_rng(2).permutation(48)
    files = [before + names[place] for place in order]
    np.savez(tmp_path / "a.npz", files=files, embeddings=EMBEDDINGS[order])
    assert score_file(tmp_path / "a.npz", protocol, metric="l2") == BY_L2
    rows = [
        (*row[:3], before + row[3], row[4], before + row[5], score)
        for *row, score in listed(protocol, SCORES)
    ]
    path = write_csv(tmp_path / "a.csv", [*ONE_SHOT.columns, "score"], rows)
    assert score_file(path, protocol) == BY_SCORE


def test_a_part_of_a_name_is_no_name(tmp_path):
    names = tuple(f"{place}/x/y/0.png" for place in range(48))
    np.savez(
        tmp_path / "a.npz", files=[f"x{name}" for name in names[:1]], embeddings=EMBEDDINGS[:1]
    )
    with pytest.raises(ValueError, match="none for 48, such as '0/x/y/0.png'"):
        score_file(tmp_path / "a.npz", replace(ONE_SHOT, files=names), metric="l2")


@pytest.mark.parametrize("more", [{"files": NAMES}, {"weights": np.ones(5)}, {"metric": "l1"}])
def test_scores_stand_alone_in_an_archive(tmp_path, more):
    np.savez(tmp_path / "a.npz", scores=SCORES)
    assert score_file(tmp_path / "a.npz", ONE_SHOT) == BY_SCORE
    np.savez(tmp_path / "a.npz", scores=SCORES, **more)
    with pytest.raises(ValueError, match=r"'scores' alone.* Received: \[.*'scores'"):
        score_file(tmp_path / "a.npz", ONE_SHOT)


def test_weights_stand_in_the_file(tmp_path):
    weights = np.array([-1, 0, 2, -3, 0.5])
    path = tmp_path / "a.npz"
    np.savez(path, files=NAMES, embeddings=EMBEDDINGS, weights=weights)
    expected = score_protocol(ONE_SHOT, embeddings=EMBEDDINGS, metric="l1", weights=weights)
    assert score_file(path, ONE_SHOT, metric="l1") == expected


def test_an_array_alone_is_in_the_order_of_the_list(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, EMBEDDINGS)
    assert score_file(path, ONE_SHOT, metric="l2") == BY_L2
    for shape in ((12, 5), (4, 3, 5)):
        np.save(path, SCORES.reshape(shape))
        assert score_file(path, ONE_SHOT) == BY_SCORE
    np.savez(tmp_path / "a.npz", scores=SCORES)
    assert score_file(tmp_path / "a.npz", ONE_SHOT) == BY_SCORE
    np.save(path, np.arange(50.0))
    assert score_file(path, PAIRS).n == 20


def test_a_table_of_embeddings(tmp_path):
    rows = [(name, *(f"{x:.9g}" for x in row)) for name, row in zip(NAMES, EMBEDDINGS, strict=True)]
    path = write_csv(tmp_path / "a.csv", ["file", *range(5)], rows[::-1])
    assert score_file(path, ONE_SHOT, metric="l2") == BY_L2


def test_the_list_with_a_column_of_scores(tmp_path):
    rows = listed(ONE_SHOT, SCORES)
    path = write_csv(tmp_path / "a.csv", [*ONE_SHOT.columns, "score"], rows[::-1])
    assert score_file(path, ONE_SHOT) == BY_SCORE
    short = write_csv(
        tmp_path / "b.csv", ["Trial", "Candidate", "Score"], [(r[0], r[4], r[-1]) for r in rows]
    )
    assert score_file(short, ONE_SHOT) == BY_SCORE
    scores = np.random.default_rng(3).random(50)
    pairs = write_csv(tmp_path / "c.csv", [*PAIRS.columns, "score"], listed(PAIRS, scores))
    assert score_file(pairs, PAIRS) == score_protocol(PAIRS, scores=scores)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ({"files": NAMES[:40], "embeddings": EMBEDDINGS[:40]}, "none for 8, such as 'set/sign40"),
        ({"files": NAMES[:40], "embeddings": EMBEDDINGS}, r"shape \(40, features\)"),
        ({"files": ["x.png"], "embeddings": EMBEDDINGS[:1]}, "first row is of 'x.png'"),
        ({"files": [*NAMES[1:], NAMES[1]], "embeddings": EMBEDDINGS}, "once.* rows 1 and 48"),
        ({"files": np.arange(48), "embeddings": EMBEDDINGS}, "Received: int64 of shape"),
        ({"files": np.array(NAMES, object), "embeddings": EMBEDDINGS}, "cannot be read: Object"),
        ({"embeddings": EMBEDDINGS}, r"either 'files' and 'embeddings', or 'scores'"),
        ({"scores": SCORES, "embeddings": EMBEDDINGS, "files": NAMES}, "either"),
        ({"vectors": EMBEDDINGS}, r"Received: \['vectors'\]"),
        ({"files": NAMES, "embeddings": EMBEDDINGS * np.nan}, "infinity in 240 of 240"),
    ],
)
def test_archives_that_do_not_fit_are_refused(tmp_path, held, message):
    np.savez(tmp_path / "a.npz", **held)
    with pytest.raises(ValueError, match=message):
        score_file(tmp_path / "a.npz", ONE_SHOT, metric="l2")


@pytest.mark.parametrize(
    "array", [EMBEDDINGS[:20], SCORES[:10], np.float64(3), np.ones((5, 12)), EMBEDDINGS[None]]
)
def test_arrays_of_another_shape_are_refused(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match=r"\(48, features\) for embeddings, or \(12, 5\)"):
        score_file(tmp_path / "a.npy", ONE_SHOT, metric="l2")


def changed(place, column, value):
    rows = [list(row) for row in listed(ONE_SHOT, SCORES)]
    rows[place][column] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (changed(3, -1, "high"), "a number in the column score.* in line 5"),
        (changed(3, -1, "nan"), "infinity in 1 of 60 numbers"),
        (changed(3, 0, 99), r"trials of 'mine', which has 12. Received: trial 99 candidate 4"),
        (changed(3, 4, 6), "trial 1 candidate 6 in line 5"),
        (changed(3, 4, 3), "each score once. Received: trial 1 candidate 3 in line 5"),
        (changed(3, 3, NAMES[0][:-5] + "x.png"), "has query '.*'. Received: '.*x.png'"),
        (listed(ONE_SHOT, SCORES)[:-1], "60 scores. Received: 59; there is none of trial 12 can"),
        (changed(3, -1, 0.5)[:3] + [[1, 2]], "9 cells|cells in each line"),
    ],
)
def test_tables_of_scores_that_do_not_fit_are_refused(tmp_path, rows, message):
    path = write_csv(tmp_path / "a.csv", [*ONE_SHOT.columns, "score"], rows)
    with pytest.raises(ValueError, match=message):
        score_file(path, ONE_SHOT)


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        (["name", "0"], ["a", 1], "must have the column file first.* trial, candidate and score"),
        (["trial", "score"], [1, 1], "the columns trial, candidate, score, each once"),
        (["trial", "candidate", "score", "score"], [1, 1, 1, 1], "each once"),
        (["file", "0"], [NAMES[0], "x"], "none for 47"),
    ],
)
def test_tables_without_their_columns_are_refused(tmp_path, header, row, message):
    path = write_csv(tmp_path / "a.csv", header, [row])
    with pytest.raises(ValueError, match=message):
        score_file(path, ONE_SHOT)


def test_a_feature_that_is_no_number_is_told_with_its_line(tmp_path):
    rows = [(name, 1.0) for name in NAMES]
    rows[5] = (NAMES[5], "one")
    path = write_csv(tmp_path / "a.csv", ["file", "0"], rows)
    with pytest.raises(ValueError, match="'one' in line 7"):
        score_file(path, ONE_SHOT, metric="l1")


def test_files_that_are_none_of_them_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="not there"):
        score_file(tmp_path / "a.npz", ONE_SHOT)
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(ValueError, match=r"must end in .npz, .npy, .csv. Received: 'a.txt'"):
        score_file(tmp_path / "a.txt", ONE_SHOT)
    np.savez(tmp_path / "a.npz", scores=SCORES)
    content = (tmp_path / "a.npz").read_bytes()
    for damaged in (b"", b"PK\x03\x04", content[: len(content) // 2], b"x" * 200):
        for name in ("b.npz", "b.npy"):
            (tmp_path / name).write_bytes(damaged)
            with pytest.raises(ValueError, match="cannot be read"):
                score_file(tmp_path / name, ONE_SHOT)
    (tmp_path / "c.npy").write_bytes(content)
    with pytest.raises(ValueError, match="must hold one array"):
        score_file(tmp_path / "c.npy", ONE_SHOT)
    np.save(tmp_path / "d.npy", SCORES)
    (tmp_path / "d.npy").rename(tmp_path / "d.npz")
    with pytest.raises(ValueError, match="one array without a name"):
        score_file(tmp_path / "d.npz", ONE_SHOT)
    (tmp_path / "e.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="CSV file in UTF-8"):
        score_file(tmp_path / "e.csv", ONE_SHOT)


@pytest.mark.data
@pytest.mark.keras3
def test_the_shipped_network_scores_as_it_does_here(data_dir, tmp_path):
    import keras_siamese as ks
    from keras_siamese.models import twin_head

    model = ks.load_pretrained("omniglot")
    protocol = load_protocol("official", data_dir=data_dir, size=model.input_shape[0][1:3])
    embeddings = ks.embed(model, protocol.images)
    weights = twin_head(model).get_weights()[0][:, 0]
    order = np.random.default_rng(0).permutation(800)
    files = np.array(protocol.files)[order]
    np.savez(tmp_path / "a.npz", files=files, embeddings=embeddings[order], weights=weights)
    result = score_file(tmp_path / "a.npz", "official", metric="l1", data_dir=data_dir)
    expected = evaluate_one_shot(model, protocol.episodes)
    assert (result.correct, result.n, result.ties) == (393, 400, 0)
    for name in ("accuracy", "interval", "n", "correct", "per_group", "protocol"):
        assert getattr(result, name) == getattr(expected, name)
