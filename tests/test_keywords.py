"""Misspelt keyword arguments."""

import pytest

from keras_siamese.argument_checks import check_keywords, did_you_mean


def test_an_unknown_keyword_is_told_with_the_closest_known_one():
    check_keywords("fit", ["split"], ("split",))
    with pytest.raises(TypeError, match=r"^fit\(\) .* 'splt'\. Did you mean 'split'\?$"):
        check_keywords("fit", ["split", "splt"], ("split",), ("labels",))
    with pytest.raises(TypeError, match=r"Did you mean 'labels'\?$"):
        check_keywords("fit", ["label"], ("split",), ("labels",))
    with pytest.raises(TypeError, match=r"'colour_space_of_all'\.$"):
        check_keywords("fit", ["colour_space_of_all"], ("split",))


@pytest.mark.parametrize("name", [None, 3, "", "zzz"])
def test_nothing_is_suggested_where_nothing_is_close(name):
    assert did_you_mean(name, ("omniglot",)) == ""
