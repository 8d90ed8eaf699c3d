from .arrays import load_arrays
from .camera_ranges import PICTURE_CAMERA, CameraRanges, draw_camera
from .class_splits import hold_out_classes, max_n_way
from .dataset import ImageDataset
from .datasets.glyphs import make_glyphs
from .datasets.lake_runs import official_runs
from .datasets.mnist import load_mnist
from .datasets.omniglot import load_omniglot
from .distortions import AffineRanges, distort, draw_transforms, square_symmetries
from .episode_batches import EpisodeBatch, EpisodeSampler
from .episodes import OneShotEpisodes, sample_episodes
from .folders.folder import load_folder, load_support
from .folders.folder_layout import SkippedFile, find_images
from .folders.pair_loading import LoadedPairs, load_pairs
from .images.image_formats import set_max_pixels
from .images.image_reading import read_image, read_images
from .images.preprocessing import Preprocessing, ReadingWarning
from .omniglot_protocols import load_protocol
from .pairs import PairTable, distort_pairs, sample_pairs
from .protocols import OneShotProtocol, VerificationProtocol
from .splits import (
    LAKE_ALPHABETS,
    OFFICIAL_DRAWERS,
    Splits,
    check_disjoint,
    paper_splits,
    split_alphabets,
)

__all__ = [
    "AffineRanges",
    "CameraRanges",
    "EpisodeBatch",
    "EpisodeSampler",
    "PICTURE_CAMERA",
    "ImageDataset",
    "LAKE_ALPHABETS",
    "OFFICIAL_DRAWERS",
    "LoadedPairs",
    "OneShotEpisodes",
    "OneShotProtocol",
    "PairTable",
    "SkippedFile",
    "find_images",
    "Preprocessing",
    "ReadingWarning",
    "Splits",
    "VerificationProtocol",
    "check_disjoint",
    "distort",
    "distort_pairs",
    "draw_camera",
    "draw_transforms",
    "hold_out_classes",
    "load_arrays",
    "load_folder",
    "load_mnist",
    "load_omniglot",
    "load_pairs",
    "load_protocol",
    "load_support",
    "make_glyphs",
    "max_n_way",
    "official_runs",
    "paper_splits",
    "read_image",
    "read_images",
    "sample_pairs",
    "sample_episodes",
    "set_max_pixels",
    "split_alphabets",
    "square_symmetries",
]
