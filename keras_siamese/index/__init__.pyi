from .embedding_index import EmbeddingIndex

__all__ = ["EmbeddingIndex"]
