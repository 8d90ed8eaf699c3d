"""The cells of the tables as one job: resumable, and shared by machines that see one folder.

Every training holds a lock on its folder while it runs. The system gives the lock back when the
process ends, however it ends, so that the training of a killed worker is taken up by the next one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf
from filelock import FileLock, Timeout

from keras_siamese.training.checkpoints import FILE_NAME
from reproduce import results
from reproduce.paper import experiment
from reproduce.paper.config import SETTING_DEFAULTS
from reproduce.paper.plan import Job

WAITING, INTERRUPTED, RUNNING, DONE = "waiting", "interrupted", "running", "done"
ELSEWHERE = "running elsewhere"
# Between two looks at what other processes do.
LOOK_SECONDS = 20.0


class JobQueue:
    """A list of trainings, their folders and their results.

    Args:
        jobs: The trainings, in the order of work.
        runs: Folder of the runs' states; machines may share it.
        results_dir: Folder of the result files.
        data_dir: Folder with the data.
        strategy: Devices of every training.

    Raises:
        ValueError: If a result file comes from another configuration, or cannot be read.
        OSError: If a folder cannot be made or written.
    """

    def __init__(
        self,
        jobs: list[Job],
        *,
        runs: Path,
        results_dir: Path,
        data_dir: Path | None = None,
        strategy: tf.distribute.Strategy | None = None,
    ) -> None:
        """Check the folders and the results that lie there."""
        self.jobs, self.runs, self.results_dir = jobs, runs, results_dir
        self.data_dir, self.strategy = data_dir, strategy
        for job in jobs:
            results.check_result_writable(self.result_path(job))
            self.result(job)

    def result_path(self, job: Job) -> Path:
        """Return the place of a job's result file."""
        return self.results_dir / f"{job.name}.json"

    def result(self, job: Job) -> dict[str, Any] | None:
        """Return a job's result, or None where it has none that is finished."""
        path = self.result_path(job)
        if not path.exists():
            return None
        result = results.read(path)
        now = json.loads(json.dumps(job.config.settings()))
        # Settings that are younger than the file had their defaults.
        then = SETTING_DEFAULTS | result["config"]
        differing = sorted(key for key in now if then.get(key) != now[key])
        if differing:
            raise ValueError(
                f"{path} comes from another configuration ({', '.join(differing)} differ). "
                "Name another folder with --results, or take the file away."
            )
        return result if result["training"]["finished"] else None

    def state(self, job: Job) -> str:
        """Tell how a job stands."""
        if self.result(job) is not None:
            return DONE
        folder = self.runs / job.name
        try:
            with self.lock(job):
                return INTERRUPTED if (folder / FILE_NAME).exists() else WAITING
        except Timeout:
            return ELSEWHERE

    @contextmanager
    def lock(self, job: Job) -> Iterator[None]:
        """Hold a job's folder.

        Raises:
            Timeout: If another process holds it.
        """
        folder = self.runs / job.name
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock", timeout=0):
            yield

    def check_start(self, *, resume: bool) -> None:
        """Refuse to resume an interrupted queue unless told to.

        Raises:
            ValueError: If a training was interrupted and `resume` is off.
        """
        interrupted = [job.name for job in self.jobs if self.state(job) == INTERRUPTED]
        if interrupted and not resume:
            raise ValueError(
                f"{self.runs} holds interrupted trainings ({', '.join(interrupted)}). Add "
                "--resume to continue with them, or name another folder with --runs."
            )

    def run(
        self,
        *,
        budget: float | None = None,
        callbacks: Callable[[Job], tuple] = lambda job: (),
        on_change: Callable[[Job, str], None] = lambda job, state: None,
        verbose: int = 0,
    ) -> dict[str, str]:
        """Run the unfinished jobs that no other process holds; wait for the rest.

        Args:
            budget: Minutes of this call, looked at after every epoch; a training that they end
                stays resumable.
            callbacks: Further Keras callbacks of a job.
            on_change: Told of every job that is begun, ended, failed or left to another process.
            verbose: As in `keras_siamese.training.train`.

        Returns:
            For each job that failed, its name and why. One failure does not stop the others.
        """
        end = None if budget is None else time.monotonic() + 60 * budget
        failed: dict[str, str] = {}
        pending = list(self.jobs)
        while pending:
            elsewhere = []
            for job in pending:
                left = None if end is None else (end - time.monotonic()) / 60
                if left is not None and left <= 0:
                    return failed
                try:
                    with self.lock(job):
                        if self.result(job) is None:
                            on_change(job, RUNNING)
                            self._train(job, left, callbacks(job), verbose)
                        on_change(job, self.state_of_own(job))
                except Timeout:
                    elsewhere.append(job)
                    on_change(job, ELSEWHERE)
                except (ValueError, OSError, MemoryError, tf.errors.OpError) as error:
                    failed[job.name] = str(error).partition("\n")[0] or type(error).__name__
                    on_change(job, f"failed: {failed[job.name]}")
            # A lock holder may die; then we take over its job.
            pending = elsewhere
            if pending:
                time.sleep(LOOK_SECONDS)
        return failed

    def state_of_own(self, job: Job) -> str:
        """Tell how a job stands whose lock this process holds."""
        return DONE if self.result(job) is not None else INTERRUPTED

    def _train(self, job: Job, left: float | None, callbacks: tuple, verbose: int) -> None:
        run_dir = self.runs / job.name
        result = experiment.run(
            job.config,
            data_dir=self.data_dir,
            run_dir=run_dir,
            resume=True,
            score_test=job.score_test,
            # One seed's figures are enough: another's would look the same.
            figures=self.results_dir / "figures" / f"{job.name}.json"
            if job.config.seed == 0
            else None,
            strategy=self.strategy,
            callbacks=(*experiment.callbacks(run_dir, resume=True, budget=left), *callbacks),
            verbose=verbose,
        )
        results.write(self.result_path(job), result)
