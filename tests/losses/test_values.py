"""Values and gradients against the definitions, worked in NumPy with loops."""

import numpy as np
import pytest

from tests.losses import numpy_losses
from tests.losses.cases import CASES, LABELS, matrix_of
from tests.losses.gradients import value_and_gradient

pytestmark = pytest.mark.keras3


@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_those_of_the_definition(name):
    loss, definition = CASES[name]
    matrix = matrix_of(name)
    exact = matrix.astype("float64")
    function = lambda x: definition(LABELS, x)  # noqa: E731
    if name == "circle":
        function = lambda x: definition(LABELS, x, fixed=exact)  # noqa: E731
    value, gradient = value_and_gradient(loss, LABELS, matrix)
    assert value == pytest.approx(function(exact), rel=1e-5)
    np.testing.assert_allclose(gradient, numpy_losses.slope(function, exact), rtol=1e-4, atol=1e-5)
    assert value > 0 and np.any(gradient)
