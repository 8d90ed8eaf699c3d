"""Lake's 20 official runs: reading, bad input, and the table of alphabets and drawers."""

from collections import Counter

import numpy as np
import pytest

from keras_siamese.data.datasets.lake_runs import LAKE_RUNS, official_runs
from keras_siamese.data.datasets.omniglot import load_omniglot
from keras_siamese.data.splits import OFFICIAL_DRAWERS
from tests.data.stand_ins import ANSWERS, lake_files, numbered, write_zip


@pytest.fixture(scope="module")
def stand_in():
    """Files like those of all_runs.zip; image number i shows i, run by run, support first."""
    return lake_files()


def write(files, folder, layout="zip"):
    """Writes the files as all_runs.zip, as the folder all_runs, or as folders run01 to run20."""
    if layout == "zip":
        write_zip(folder / "all_runs.zip", files)
        return
    for name, content in files.items():
        path = folder / {"folder": "all_runs", "bare": ""}[layout] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("layout", ["zip", "folder", "bare"])
def test_runs_keep_the_archives_order(tmp_path, stand_in, accept_stand_in_runs, layout):
    write(stand_in, tmp_path, layout)
    episodes = official_runs(data_dir=tmp_path)
    assert episodes.images.shape == (800, 105, 105, 1) and set(np.unique(episodes.images)) == {
        0,
        255,
    }
    shown = (episodes.images[:, 0, :10, 0] > 0) @ (1 << np.arange(10))
    base = 40 * np.arange(20)[:, None]
    np.testing.assert_array_equal(shown[episodes.support[..., 0]], base + np.arange(20))
    np.testing.assert_array_equal(shown[episodes.queries], base + 20 + np.arange(20))
    np.testing.assert_array_equal(episodes.answers, ANSWERS)
    assert episodes.protocol == "official" and episodes.num_trials == 400
    assert episodes.groups[0] == "Atlantean" and episodes.groups[-1] == "Tibetan"


def test_the_data_folder_may_be_named_by_the_environment(
    tmp_path, stand_in, accept_stand_in_runs, monkeypatch
):
    write(stand_in, tmp_path)
    monkeypatch.setenv("KERAS_SIAMESE_DATA", str(tmp_path))
    assert official_runs(size=35).images.shape == (800, 35, 35, 1)


def test_other_runs_in_lakes_layout_are_refused(tmp_path, stand_in):
    write(stand_in, tmp_path)
    with pytest.raises(ValueError, match="Lake's official runs. Received: .* `sample_episodes`"):
        official_runs(data_dir=tmp_path)


LABELS = "run03/class_labels.txt"
FIRST = b"run03/test/item01.png run03/training/class01.png\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"run07/test/item20.png": None}, "1 files missing, such as 'run07/test/item20.png'"),
        ({LABELS: None}, "1 files missing, such as 'run03/class_labels.txt'"),
        ({LABELS: b""}, "no label of item01"),
        ({LABELS: FIRST}, "no label of item02"),
        ({LABELS: b"item01 is class04"}, "'run03/class_labels.txt' must hold lines"),
        ({LABELS: FIRST.replace(b"class01", b"class21")}, "must hold lines"),
        ({LABELS: FIRST.replace(b"class01", b"class00")}, "must hold lines"),
        ({LABELS: FIRST.replace(b"run03/tr", b"run04/tr")}, "must hold lines"),
        ({LABELS: b"\xff\xfe\x00"}, "must hold lines"),
        ({"run01/test/item01.png": b"no image"}, "item01.png' must be an image file"),
        ({"run01/test/item01.png": numbered(0, (28, 28))}, "105x105 pixels. Received: 28x28"),
        ({"../run01/test/item01.png": b""}, "leads out of it"),
    ],
)
def test_damaged_runs_are_refused(tmp_path, stand_in, changes, message):
    files = {k: v for k, v in {**stand_in, **changes}.items() if v is not None}
    write(files, tmp_path)
    with pytest.raises(ValueError, match=message):
        official_runs(data_dir=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["all_runs.zip"]


def test_bare_folders_may_not_be_partial(tmp_path, stand_in):
    write({k: v for k, v in stand_in.items() if k.startswith("run01")}, tmp_path, "bare")
    with pytest.raises(ValueError, match="779 files missing, such as 'run02"):
        official_runs(data_dir=tmp_path)


def test_a_truncated_zip_is_refused(tmp_path, stand_in):
    write(stand_in, tmp_path)
    path = tmp_path / "all_runs.zip"
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(ValueError, match="must be a complete zip file"):
        official_runs(data_dir=tmp_path)


def test_missing_runs_say_where_to_get_them(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"must hold all_runs.zip .* Fetch https://"):
        official_runs(data_dir=tmp_path)
    with pytest.raises(FileNotFoundError, match="all_runs"):
        official_runs(cache_dir=tmp_path, download=False)


def test_every_alphabet_has_two_runs_by_four_of_the_first_eight_drawers():
    assert Counter(alphabet for alphabet, _, _ in LAKE_RUNS) == dict.fromkeys(OFFICIAL_DRAWERS, 2)
    assert len(OFFICIAL_DRAWERS) == 10
    for alphabet, drawers in OFFICIAL_DRAWERS.items():
        used = [drawer for name, *pair in LAKE_RUNS if name == alphabet for drawer in pair]
        assert drawers == tuple(sorted(used))
        assert len(set(used)) == 4 and set(used) <= set(range(1, 9))


@pytest.mark.data
def test_the_table_is_what_the_pixels_say(data_dir):
    evaluation = load_omniglot("evaluation", data_dir=data_dir)
    episodes = official_runs(data_dir=data_dir)
    place = {image.tobytes(): index for index, image in enumerate(evaluation.images)}
    found = np.array([place[image.tobytes()] for image in episodes.images])
    for run, (alphabet, support_drawer, query_drawer) in enumerate(LAKE_RUNS):
        support, queries = found[episodes.support[run, :, 0]], found[episodes.queries[run]]
        names = {evaluation.alphabet_names[a] for a in evaluation.alphabet[[*support, *queries]]}
        assert names == {alphabet} == {episodes.groups[run]}
        assert set(evaluation.drawer[support]) == {support_drawer}
        assert set(evaluation.drawer[queries]) == {query_drawer}
        # The labels' answers are the characters' own.
        answered = evaluation.character[support][episodes.answers[run]]
        np.testing.assert_array_equal(answered, evaluation.character[queries])
        assert len(set(evaluation.character[support])) == 20
