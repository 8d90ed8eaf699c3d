"""Figures of trials, similarities, errors, distortions, data and filters.

They need `keras_siamese[report]`.
"""

from keras_siamese.plots.distortions import plot_distortions
from keras_siamese.plots.filters import first_kernel, plot_filters
from keras_siamese.plots.samples import choose_samples, plot_samples
from keras_siamese.plots.similarity import plot_similarity
from keras_siamese.plots.trade_off import plot_det, plot_roc
from keras_siamese.plots.trial import plot_trial

__all__ = [
    "choose_samples",
    "first_kernel",
    "plot_det",
    "plot_distortions",
    "plot_filters",
    "plot_roc",
    "plot_samples",
    "plot_similarity",
    "plot_trial",
]
