"""Commands in processes that start at once: they are forked from one that has imported TensorFlow.

That one has drawn the glyphs of the quick preset, too (tests/drawn_glyphs.py). The import takes
most of a short training: seconds of processor time. Nothing of TensorFlow has been started in the
process that is forked, so what reads its variables then (TF_CONFIG) may be set.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from multiprocessing import forkserver
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
IMPORTED = (
    "keras_siamese.training",
    "reproduce.commands",
    "tests.attacks.kills",
    "tests.attacks.served",
    "tests.drawn_glyphs",
)


def context():
    """Return the context of `multiprocessing` whose server has imported TensorFlow.

    One server a test process: it starts with the first call, from any folder.
    """
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(list(IMPORTED))
    with mock.patch.dict(os.environ, PYTHONPATH=str(ROOT)):
        forkserver.ensure_running()
    return found


class Process:
    """A command in a separate process, with those members of `subprocess.Popen` that tests use."""

    def __init__(self, command, *, cwd=None, env=None):
        """Start a command.

        Args:
            command: A script's path, "-m" and a module, or "-c" and code; then its arguments.
            cwd: Its folder; the current one by default.
            env: Its whole environment; this process's by default.
        """
        reader, writer = context().Pipe(duplex=False)
        folder, environment = str(cwd or Path.cwd()), dict(env or os.environ)
        with tempfile.NamedTemporaryFile("w", delete=False) as errors:
            self._errors = Path(errors.name)
        arguments = ([str(word) for word in command], folder, environment, writer, errors.name)
        self._process = context().Process(target=_run, args=arguments, daemon=True)
        self._process.start()
        writer.close()
        self.stdout = open(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()

    @property
    def returncode(self):
        return self._process.exitcode

    def poll(self):
        return self._process.exitcode

    def send_signal(self, number):
        os.kill(self._process.pid, number)

    def kill(self):
        self._process.kill()

    def communicate(self, timeout=600):
        """Wait for the end, and return what was printed on stdout and on stderr.

        Raises:
            subprocess.TimeoutExpired: After `timeout` seconds; the process is killed.
        """
        late = threading.Event()
        timer = threading.Timer(timeout, lambda: (late.set(), self.kill()))
        timer.start()
        try:
            with self.stdout:
                output = self.stdout.read()
            self._process.join()
        finally:
            timer.cancel()
        errors = self._errors.read_text(encoding="utf-8", errors="replace")
        self._errors.unlink()
        if late.is_set():
            raise subprocess.TimeoutExpired("the command", timeout, output, errors)
        return output, errors


def run(command, **options):
    """Run a command to its end, as `subprocess.run` with `capture_output` and `text` does."""
    process = Process(command, **options)
    output, errors = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _run(command, folder, environment, stdout, stderr):
    """Be the command."""
    # Imported by the process that this one is forked from.
    from tests import drawn_glyphs

    drawn_glyphs.install()
    # A shell's background ignores Ctrl-C, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(stdout.fileno(), 1)
    stdout.close()
    with open(stderr, "w") as file:
        os.dup2(file.fileno(), 2)
    # Lines are seen as they are printed, and the forked streams are as those of a new process.
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    what, *rest = command
    sys.path.insert(0, folder if what.startswith("-") else str(Path(what).parent))
    if what == "-c":
        code, *rest = rest
        sys.argv = ["-c", *rest]
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    elif what == "-m":
        module, *rest = rest
        sys.argv = [module, *rest]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        sys.argv = [what, *rest]
        runpy.run_path(what, run_name="__main__")
