"""Data sets, splits, pairs, trials and distortions, in NumPy."""

from keras_siamese.data.arrays import load_arrays as load_arrays
from keras_siamese.data.blocks import Blocks as Blocks
from keras_siamese.data.blocks import BlockSampler as BlockSampler
from keras_siamese.data.class_split import split_classes as split_classes
from keras_siamese.data.dataset import ImageDataset as ImageDataset
from keras_siamese.data.distortions import AffineRanges as AffineRanges
from keras_siamese.data.distortions import distort as distort
from keras_siamese.data.distortions import draw_transforms as draw_transforms
from keras_siamese.data.folder import load_folder as load_folder
from keras_siamese.data.glyphs import make_glyphs as make_glyphs
from keras_siamese.data.mnist import load_mnist as load_mnist
from keras_siamese.data.omniglot import load_omniglot as load_omniglot
from keras_siamese.data.pair_table import PairTable as PairTable
from keras_siamese.data.pairs import distort_pairs as distort_pairs
from keras_siamese.data.pairs import sample_pairs as sample_pairs
from keras_siamese.data.splits import LAKE_ALPHABETS as LAKE_ALPHABETS
from keras_siamese.data.splits import OFFICIAL_DRAWERS as OFFICIAL_DRAWERS
from keras_siamese.data.splits import Splits as Splits
from keras_siamese.data.splits import check_disjoint as check_disjoint
from keras_siamese.data.splits import paper_splits as paper_splits
from keras_siamese.data.splits import split_alphabets as split_alphabets
from keras_siamese.data.symmetries import square_symmetries as square_symmetries
from keras_siamese.data.trials import OneShotRuns as OneShotRuns
from keras_siamese.data.trials import official_runs as official_runs
from keras_siamese.data.trials import sample_runs as sample_runs
