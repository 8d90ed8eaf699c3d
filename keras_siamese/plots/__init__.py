"""Figures of trials, distortions, data sets and filters; they need `keras_siamese[report]`."""

from keras_siamese.plots.distortions import plot_distortions
from keras_siamese.plots.filters import first_kernel, plot_filters
from keras_siamese.plots.samples import choose_samples, plot_samples
from keras_siamese.plots.trial import plot_trial

__all__ = [
    "choose_samples",
    "first_kernel",
    "plot_distortions",
    "plot_filters",
    "plot_samples",
    "plot_trial",
]
