from .affine_distortions import plot_distortions
from .embedding_map import plot_embeddings
from .filters import first_kernel, plot_filters
from .neighbour_strip import plot_neighbours
from .samples import choose_samples, plot_samples
from .similarity import plot_similarity
from .trade_off import plot_det, plot_roc
from .trial import plot_trial

__all__ = [
    "choose_samples",
    "first_kernel",
    "plot_det",
    "plot_distortions",
    "plot_embeddings",
    "plot_filters",
    "plot_neighbours",
    "plot_roc",
    "plot_samples",
    "plot_similarity",
    "plot_trial",
]
