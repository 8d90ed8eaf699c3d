import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from keras_siamese.data import (
    LAKE_ALPHABETS,
    OFFICIAL_DRAWERS,
    ImageDataset,
    Splits,
    check_disjoint,
    load_omniglot,
    paper_splits,
    split_alphabets,
)


def make_dataset(alphabets, *, num_drawers=20, first=0):
    """Two characters per alphabet; every image shows another number, from `first`."""
    count = len(alphabets) * 2 * num_drawers
    images = np.zeros((count, 4, 4, 1), np.uint8)
    images[:, 0, 0, 0], images[:, 0, 1, 0] = np.divmod(np.arange(first, first + count), 256)
    images[:, 3] = 255
    character = np.repeat(np.arange(2 * len(alphabets), dtype=np.int32), num_drawers)
    return ImageDataset(
        images=images,
        alphabet=character // np.int32(2),
        character=character,
        drawer=np.tile(np.arange(1, num_drawers + 1, dtype=np.int32), 2 * len(alphabets)),
        alphabet_names=tuple(alphabets),
        character_names=tuple(f"{name}/character0{i}" for name in alphabets for i in (1, 2)),
        name="made",
    )


OTHERS = [f"Other{i}" for i in range(10)]
BACKGROUND = make_dataset([f"Background{i}" for i in range(30)])
EVALUATION = make_dataset(sorted([*LAKE_ALPHABETS, *OTHERS]), first=5000)


def alphabets_of(part):
    return {part.alphabet_names[i] for i in part.alphabet}


def drawers_of(part):
    return set(part.drawer.tolist())


def test_the_papers_splits_have_its_alphabets_and_drawers():
    splits = paper_splits(BACKGROUND, EVALUATION)
    # Koch et al. 2015, sec. 4.1: 30 alphabets by 12 drawers, 10 by 4, 10 by 4.
    assert len(splits.train) == 30 * 2 * 12
    assert len(splits.validation) == len(splits.test) == 10 * 2 * 4
    assert drawers_of(splits.train) == set(range(9, 21))
    assert drawers_of(splits.validation) == {1, 2, 3, 4}
    assert alphabets_of(splits.validation) == set(OTHERS)
    assert alphabets_of(splits.test) == set(LAKE_ALPHABETS)
    for name, drawers in OFFICIAL_DRAWERS.items():
        assert drawers_of(splits.test.select(alphabets=name)) == set(drawers)


def test_other_drawers_can_be_chosen():
    splits = paper_splits(BACKGROUND, EVALUATION, train_drawers=[20, 19], validation_drawers=[5])
    assert drawers_of(splits.train) == {19, 20}
    assert drawers_of(splits.validation) == {5}


@pytest.mark.parametrize("drawer", [4, 5])
def test_a_drawer_of_training_in_validation_or_test_is_refused(drawer):
    # Drawer 4 is one of validation, drawer 5 of test only.
    part = "validation" if drawer == 4 else "test"
    with pytest.raises(ValueError, match=rf"`splits.{part}` must share no drawers.*\[{drawer}\]"):
        paper_splits(BACKGROUND, EVALUATION, train_drawers=[drawer, 20])


def test_the_evaluation_set_must_hold_lakes_alphabets():
    with pytest.raises(ValueError, match=r"`alphabets` must be among"):
        paper_splits(BACKGROUND, make_dataset(OTHERS, first=5000))


def test_the_same_set_twice_is_refused():
    with pytest.raises(ValueError, match="share no alphabets"):
        paper_splits(EVALUATION, EVALUATION)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32))
def test_alphabets_are_dealt_to_one_part_each(num_validation, num_test, seed):
    dataset = make_dataset([f"A{i}" for i in range(9)], num_drawers=6)
    splits = split_alphabets(
        dataset,
        num_validation=num_validation,
        num_test=num_test,
        seed=seed,
        heldout_drawers=(1, 2),
    )
    parts = [alphabets_of(part) for part in (splits.train, splits.validation, splits.test)]
    assert [len(part) for part in parts] == [
        9 - num_validation - num_test, num_validation, num_test]  # fmt: skip
    assert set.union(*parts) == alphabets_of(dataset)
    assert drawers_of(splits.train) == {3, 4, 5, 6}
    assert drawers_of(splits.validation) == drawers_of(splits.test) == {1, 2}


def test_the_seed_decides_the_alphabets():
    dataset = make_dataset([f"A{i}" for i in range(9)], num_drawers=6)

    def tests(seed):
        splits = split_alphabets(
            dataset,
            num_validation=2,
            num_test=2,
            seed=seed,
            train_drawers=[5],
            heldout_drawers=[1],
        )
        return tuple(sorted(alphabets_of(splits.test)))

    assert tests(3) == tests(3)
    assert len({tests(seed) for seed in range(20)}) > 5


@pytest.mark.parametrize(("num_validation", "num_test"), [(0, 1), (1, 0), (2, 1), (-1, 1)])
def test_every_part_must_get_an_alphabet(num_validation, num_test):
    with pytest.raises(ValueError, match="at least one of the 3 alphabets for training"):
        split_alphabets(
            make_dataset("ABC"),
            num_validation=num_validation,
            num_test=num_test,
            seed=0,
            heldout_drawers=[1],
        )


def test_shared_drawers_are_refused_by_split_alphabets():
    with pytest.raises(ValueError, match=r"share no drawers. Received: 1 shared: \[2\]"):
        split_alphabets(
            make_dataset("ABC"),
            num_validation=1,
            num_test=1,
            seed=0,
            train_drawers=[2, 3],
            heldout_drawers=[1, 2],
        )


def parts(*, train_first=0, validation_first=1000, test_first=2000):
    """Three parts with nothing in common."""
    return {
        "train": make_dataset("AB", first=train_first).select(drawers=[3, 4]),
        "validation": make_dataset("CD", first=validation_first).select(drawers=[1, 2]),
        "test": make_dataset("EF", first=test_first).select(drawers=[1, 2]),
    }


def test_disjoint_parts_pass():
    check_disjoint(Splits(**parts()))


@pytest.mark.parametrize(
    ("one", "other"), [("train", "validation"), ("train", "test"), ("validation", "test")]
)
class TestCrossing:
    def test_of_an_alphabet_is_named(self, one, other):
        made = parts()
        name = made[one].alphabet_names[1]
        source = make_dataset(["Z", name], first=4000)
        made[other] = source.select(alphabets=name, drawers=drawers_of(made[other]))
        message = rf"`splits.{one}` and `splits.{other}` must share no alphabets.*\['{name}'\]"
        with pytest.raises(ValueError, match=message):
            check_disjoint(Splits(**made))

    def test_of_an_identical_image_is_named(self, one, other):
        made = parts()
        made[other].images[-1] = made[one].images[0]
        name = made[one].alphabet_names[0]
        with pytest.raises(
            ValueError, match=rf"identical images.*'{name}/character01 drawer \d = "
        ):
            check_disjoint(Splits(**made))

    def test_of_a_blank_image_is_named(self, one, other):
        made = parts()
        made[one].images[1] = made[other].images[2] = 0
        with pytest.raises(ValueError, match=r"identical images. Received: 1 shared: .*\(blank\)"):
            check_disjoint(Splits(**made))


def test_crossing_drawers_are_named():
    made = parts()
    made["test"] = make_dataset("EF", first=2000).select(drawers=[4, 5])
    with pytest.raises(ValueError, match=r"train` and `splits.test` must share no drawers.*\[4\]"):
        check_disjoint(Splits(**made))


@pytest.mark.parametrize("empty", ["train", "validation", "test"])
def test_an_empty_part_is_named(empty):
    made = parts()
    made[empty] = made[empty].select(indices=np.array([], int))
    with pytest.raises(ValueError, match=f"`splits.{empty}` must hold images. Received: none"):
        check_disjoint(Splits(**made))


def test_identical_images_inside_one_part_are_allowed():
    made = parts()
    made["train"].images[1] = made["train"].images[0]
    check_disjoint(Splits(**made))


@pytest.mark.data
@pytest.mark.parametrize("size", [35, 105])
def test_the_real_splits_are_disjoint_and_have_the_papers_sizes(size, data_dir):
    splits = paper_splits(
        load_omniglot("background", data_dir=data_dir, size=size),
        load_omniglot("evaluation", data_dir=data_dir, size=size),
    )
    # 964, 277 and 382 characters by 12, 4 and 4 drawers.
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [
        11_568,
        1_108,
        1_528,
    ]


@pytest.mark.data
def test_the_official_drawers_are_those_of_the_runs_images(data_dir):
    evaluation = load_omniglot("evaluation", data_dir=data_dir)
    place = {np.packbits(image == 0).tobytes(): i for i, image in enumerate(evaluation.images)}
    found = {}
    with zipfile.ZipFile(data_dir / "all_runs.zip") as file:
        for name in file.namelist():
            if name.endswith(".png"):
                paper = np.asarray(Image.open(io.BytesIO(file.read(name))))
                i = place[np.packbits(paper).tobytes()]
                alphabet = evaluation.alphabet_names[evaluation.alphabet[i]]
                found.setdefault(alphabet, set()).add(int(evaluation.drawer[i]))
    assert found == {name: set(drawers) for name, drawers in OFFICIAL_DRAWERS.items()}


@pytest.mark.data
def test_the_one_doubled_image_lies_inside_one_part(data_dir):
    braille = load_omniglot("background", data_dir=data_dir).select(alphabets="Braille")
    first = braille.select(indices=braille.character == braille.character[0])
    assert first.character_names[first.character[0]] == "Braille/character01"
    np.testing.assert_array_equal(first.images[2], first.images[18])
    assert first.drawer[[2, 18]].tolist() == [3, 19]
