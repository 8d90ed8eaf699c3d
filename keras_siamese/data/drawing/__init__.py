"""The drawing in a photograph, a scan or a screenshot: found, and brought to one place and size."""

from keras_siamese.data.drawing.drawing_reading import Reading, cropped, read_drawing
from keras_siamese.data.drawing.find import Found, find_drawing

__all__ = ["Found", "Reading", "cropped", "find_drawing", "read_drawing"]
