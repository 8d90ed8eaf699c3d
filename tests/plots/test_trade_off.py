"""ROC and DET curves: their points are scikit-learn's, a threshold's errors are counted."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure  # noqa: E402
from scipy.stats import norm  # noqa: E402

from keras_siamese.evaluation import wilson_interval  # noqa: E402
from keras_siamese.plots import plot_det, plot_roc  # noqa: E402

RNG = np.random.default_rng(0)
SAME = RNG.random(400) < 0.5
SCORES = RNG.normal(2.0 * SAME)
WEAK = RNG.normal(0.5 * SAME)
BOTH = {"good": (SCORES, SAME), "weak": (WEAK, SAME)}


def lines(figure):
    return {line.get_label(): line for line in figure.axes[0].lines}


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_roc_curves_are_those_of_scikit_learn():
    from sklearn.metrics import roc_auc_score, roc_curve

    figure = plot_roc(BOTH)
    for name, (scores, same) in BOTH.items():
        label = f"{name}: area {roc_auc_score(same, scores):.3f}"
        x, y = lines(figure)[label].get_data()
        false_positive, true_positive, _ = roc_curve(same, scores, drop_intermediate=False)
        np.testing.assert_allclose(x, false_positive)
        np.testing.assert_allclose(y, true_positive)
    assert [text.split(":")[0] for text in legend(figure)] == ["good", "weak"]


def test_det_curves_are_those_of_scikit_learn_on_normal_deviates():
    from sklearn.metrics import det_curve

    figure = plot_det(BOTH)
    for name, (scores, same) in BOTH.items():
        (label,) = [label for label in lines(figure) if label.startswith(name)]
        drawn = {
            tuple(np.round(point, 6))
            for point in zip(*lines(figure)[label].get_data(), strict=True)
        }
        accepts, refuses, _ = det_curve(same, scores)
        inside = (accepts > 0) & (refuses > 0)
        expected = zip(norm.ppf(accepts[inside]), norm.ppf(refuses[inside]), strict=True)
        assert inside.sum() > 100
        assert {tuple(np.round(point, 6)) for point in expected} <= drawn
    axes = figure.axes[0]
    shares = [float(label.get_text().rstrip("%")) / 100 for label in axes.get_xticklabels()]
    np.testing.assert_allclose(axes.get_xticks(), norm.ppf(shares))
    assert axes.get_xlim() == axes.get_ylim()


def test_equal_error_rates_are_where_the_curves_meet_the_diagonal():
    # Two normal distributions two deviations apart cross at one deviation: 15.9 %.
    same = np.arange(20000) % 2 == 0
    scores = np.where(same, 2.0, 0.0) + norm.ppf((np.arange(20000) // 2 + 0.5) / 10000)
    (text,) = legend(plot_det({"normal": (scores, same)}))
    assert text == f"normal: equal error rate {norm.cdf(-1):.1%}"


@pytest.mark.parametrize("plot", [plot_roc, plot_det])
def test_a_threshold_is_marked_with_both_intervals(plot):
    figure = plot(BOTH, thresholds={"good": 1.3})
    accepted = SCORES >= 1.3
    wrong = int(accepted[~SAME].sum()), int((~accepted)[SAME].sum())
    totals = int((~SAME).sum()), int(SAME.sum())
    rates = [count / total for count, total in zip(wrong, totals, strict=True)]
    label = f"from 1.3 on: {rates[0]:.1%} accepted, {rates[1]:.1%} refused"
    assert legend(figure)[1] == label
    place = norm.ppf if plot is plot_det else np.asarray
    ends = [wilson_interval(*counts) for counts in zip(wrong, totals, strict=True)]
    if plot is plot_roc:
        rates[1], ends[1] = 1 - rates[1], tuple(1 - end for end in ends[1])
    np.testing.assert_allclose(np.ravel(lines(figure)[label].get_data()), place(rates))
    bars = [line.get_data() for line in figure.axes[0].lines if line.get_linewidth() == 4]
    np.testing.assert_allclose(bars[0][0], place(ends[0]))
    np.testing.assert_allclose(bars[1][1], place(ends[1]))


def test_a_point_of_no_errors_stays_inside_the_axes(tmp_path):
    same = np.array([True] * 10 + [False] * 10)
    figure = plot_det({"perfect": (same * 1.0, same)}, thresholds={"perfect": 0.5})
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    (dot,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert low <= dot.get_xdata()[0] <= high and low <= dot.get_ydata()[0] <= high
    figure.savefig(tmp_path / "figure.png")


@pytest.mark.parametrize("plot", [plot_roc, plot_det])
def test_figures_draw_in_the_axes_given(plot, tmp_path):
    figure = Figure()
    panels = figure.subplots(1, 2)
    assert plot(BOTH, axes=panels[1]) is figure
    assert panels[1].lines and not panels[0].lines
    figure.savefig(tmp_path / "figure.png")


@pytest.mark.parametrize("plot", [plot_roc, plot_det])
def test_unfit_arguments_are_named(plot):
    with pytest.raises(ValueError, match="at least one curve"):
        plot({})
    with pytest.raises(ValueError, match=r"of the curves \['good', 'weak'\].*\['better'\]"):
        plot(BOTH, thresholds={"better": 1.0})
    with pytest.raises(ValueError, match="both same and different"):
        plot({"one": (SCORES, np.ones(400, bool))})
    with pytest.raises(ValueError, match="`scores` must be numbers"):
        plot({"one": (SCORES * np.nan, SAME)})
