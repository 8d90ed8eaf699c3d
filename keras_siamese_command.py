"""Starts the command `keras-siamese`, with TensorFlow quiet if it is imported at all."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

from keras_siamese.importing import around_import

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
# Errors alone. A lower level would add lines to what the command prints without any.
QUIET = 3
# Set to anything, it leaves TensorFlow's log as it is.
SHOW_LOG = "KERAS_SIAMESE_LOG"


def main() -> None:
    """Run the command with TensorFlow quiet, and with its fast kernels on every x86 processor."""
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    if not os.environ.get(SHOW_LOG):
        os.environ[LOG_LEVEL] = quiet_level(os.environ.get(LOG_LEVEL))
        around_import("tensorflow", quiet_start)
    from keras_siamese.cli import main as run

    run()


def quiet_level(level: str | None) -> str:
    """Return a level of TensorFlow's log that is at least as quiet as the command's own.

    Args:
        level: What the environment says, or None.

    Returns:
        A whole number, 3 or more.
    """
    known = level is not None and level.isdigit()
    return str(max(QUIET, int(level))) if known and level is not None else str(QUIET)


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Hold back the log of TensorFlow's import, and of its first look at the devices.

    Yields:
        Nothing.
    """
    with held_back_log():
        yield
        sys.modules["tensorflow"].config.list_physical_devices()


@contextlib.contextmanager
def held_back_log() -> Iterator[None]:
    """Keep what is written to stderr, and show it after an error only.

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
        except Exception:
            sys.stderr.flush()
            log.seek(0)
            os.write(stderr, log.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)


if __name__ == "__main__":
    main()
