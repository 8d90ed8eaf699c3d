"""The database of a study: open to several workers, its errors in one line without a secret."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.pool import NullPool

# How often a killed worker's trial is tried again: it may be the trial that kills.
MAX_RETRIES = 2
PAUSE_SECONDS = 1.0


def open_storage(url: str, *, grace: int) -> RDBStorage:
    """Open a database in which the trial of a killed worker is tried again.

    Args:
        url: Optuna storage URL.
        grace: Seconds without a sign of life after which a worker counts as dead.

    Returns:
        The storage.

    Raises:
        ValueError: If the URL is none, or the database cannot be opened.
    """
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        # The text is not repeated, for it may hold a password.
        raise ValueError(
            "--storage must be a URL, such as sqlite:///study.db or "
            "postgresql+psycopg://user:password@host/name. What was given cannot be read as one."
        ) from None
    try:
        with readable_errors(url), warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return _connect(url, grace=grace, attempts=3)
    except ImportError as error:
        raise ValueError(
            f"--storage needs a driver that is not installed ({error.__cause__ or error}). For "
            "PostgreSQL: pip install 'psycopg[binary]', and a URL postgresql+psycopg://..."
        ) from error
    except RuntimeError as error:
        # Tables that another version of Optuna made.
        raise ValueError(f"--storage: {error}") from error


@contextmanager
def readable_errors(url: str) -> Iterator[None]:
    """Turn an error of the database into one line that says what to do."""
    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise ValueError(
            f"--storage: the database {shown(url)} failed ({reason}). A damaged file: move it "
            "away. A server: see that it runs. Then start again."
        ) from error


def shown(url: str) -> str:
    """Return what may be printed of a URL: neither user nor password nor options."""
    parsed = make_url(url)
    return f"{parsed.drivername}://{parsed.host or ''}/{parsed.database or ''}"


def _connect(url: str, *, grace: int, attempts: int) -> RDBStorage:
    """Open the storage; where two workers make the tables of a new one at once, one fails."""
    try:
        return RDBStorage(
            url,
            # A connection each time: a kept one may be cut while a trial trains for minutes.
            {"poolclass": NullPool},
            heartbeat_interval=max(1, grace // 4),
            grace_period=grace,
            heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(MAX_RETRIES),
        )
    except (IntegrityError, OperationalError, ProgrammingError):
        if attempts == 1:
            raise
        time.sleep(PAUSE_SECONDS)
        return _connect(url, grace=grace, attempts=attempts - 1)
