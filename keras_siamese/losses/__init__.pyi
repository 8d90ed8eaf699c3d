from .arcface import ArcFaceLoss
from .circle import CircleLoss
from .class_proxies import ClassProxies
from .contrastive import ContrastiveLoss
from .cross_batch_memory import CrossBatchMemory
from .multi_similarity import MultiSimilarityLoss
from .n_pairs import NPairsLoss
from .proxy_anchor import ProxyAnchorLoss
from .soft_nearest_neighbor import SoftNearestNeighborLoss
from .supervised_contrastive import SupervisedContrastiveLoss
from .triplet import TripletLoss

__all__ = [
    "ArcFaceLoss",
    "CircleLoss",
    "ClassProxies",
    "ContrastiveLoss",
    "CrossBatchMemory",
    "MultiSimilarityLoss",
    "NPairsLoss",
    "ProxyAnchorLoss",
    "SoftNearestNeighborLoss",
    "SupervisedContrastiveLoss",
    "TripletLoss",
]
