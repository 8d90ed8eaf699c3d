"""Starts the command `keras-siamese`; a module of its own, since the package imports TensorFlow."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"


def main() -> None:
    """Runs the command with TensorFlow quiet, and with its fast kernels on every x86 processor.

    Whoever sets TF_CPP_MIN_LOG_LEVEL sees what TensorFlow logs.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    quiet = LOG_LEVEL not in os.environ
    os.environ.setdefault(LOG_LEVEL, "3")
    with held_back_log() if quiet else contextlib.nullcontext():
        import tensorflow as tf

        tf.config.list_physical_devices()
    from keras_siamese.cli import main as run

    run()


@contextlib.contextmanager
def held_back_log() -> Iterator[None]:
    """Keeps what native code writes to stderr, and shows it after an error only.

    While TensorFlow starts, its log heeds no level.

    Yields:
        Nothing.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
        except BaseException:
            log.seek(0)
            os.write(stderr, log.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


if __name__ == "__main__":
    main()
