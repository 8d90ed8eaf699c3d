"""What trains and what is scored share no class, and no test alphabet takes part."""

import numpy as np
import pytest

from keras_siamese.data import LAKE_ALPHABETS, ImageDataset
from studies.metric_learning import problems


def blank(alphabet_names, drawers=20):
    """Two characters of each alphabet by each drawer."""
    count = 2 * len(alphabet_names)
    character = np.repeat(np.arange(count, dtype=np.int32), drawers)
    return ImageDataset(
        images=np.zeros((len(character), 2, 2, 1), np.uint8),
        alphabet=character // np.int32(2),
        character=character,
        drawer=np.tile(np.arange(1, drawers + 1, dtype=np.int32), count),
        alphabet_names=tuple(alphabet_names),
        character_names=tuple(map(str, range(count))),
        name="blank",
    )


def present(dataset):
    return {dataset.alphabet_names[place] for place in np.unique(dataset.alphabet)}


@pytest.fixture
def problem(monkeypatch):
    others = [f"Other{place}" for place in range(10)]
    parts = {
        "background": blank([*problems.OMNIGLOT_CHOICE, "Tagalog", "Futurama"]),
        "evaluation": blank(sorted([*LAKE_ALPHABETS, *others])),
    }
    monkeypatch.setattr(problems, "load_omniglot", lambda part, **options: parts[part])
    return problems.PROBLEMS["omniglot"](None)


def test_omniglot_trains_on_background_alphabets_and_scores_the_validation_ones(problem):
    assert present(problem.training) == {*problems.OMNIGLOT_CHOICE, "Tagalog", "Futurama"}
    assert present(problem.tested) == {f"Other{place}" for place in range(10)}
    assert not present(problem.tested) & set(LAKE_ALPHABETS)
    assert set(problem.training.drawer) == set(range(9, 21))
    assert set(problem.tested.drawer) == {1, 2, 3, 4}


def test_a_rate_is_chosen_on_training_classes_that_did_not_train(problem):
    trained, scored = problem.choice()
    assert present(trained) == {"Tagalog", "Futurama"}
    assert present(scored) == set(problems.OMNIGLOT_CHOICE)


@pytest.mark.data
@pytest.mark.slow
def test_omniglots_alphabets_have_the_names_and_the_characters(data_dir):
    problem = problems.omniglot_problem(data_dir)
    assert len(present(problem.training)) == 30 and len(present(problem.tested)) == 10
    assert not present(problem.tested) & set(LAKE_ALPHABETS)
    trained, scored = problem.choice()
    assert len(present(trained)) == 24
    for part in (scored, problem.tested):
        for place in np.unique(part.alphabet):
            assert len(np.unique(part.character[part.alphabet == place])) >= 20
