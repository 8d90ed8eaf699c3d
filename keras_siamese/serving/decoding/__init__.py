"""Image files read inside a TensorFlow graph, as `Preprocessing` reads them outside."""

from keras_siamese.serving.decoding.file_batches import decode_images

__all__ = ["decode_images"]
