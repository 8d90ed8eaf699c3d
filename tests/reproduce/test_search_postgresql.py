"""Several workers share a study on a real server, which the test starts and stops."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.reproduce.search_processes import start, start_process, trials_of, wait

OPENING = """
import sys
from reproduce.study_storage import open_storage
open_storage(sys.argv[1], grace=4)
"""
INITDB = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)


@contextmanager
def postgresql(folder):
    """Run a server of its own, on a socket in its folder, and yield its URL."""
    # The server refuses to run as root.
    owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if not os.getuid() else {}
    if owner:
        os.chmod(folder, 0o700)
        subprocess.run(["chown", "postgres:postgres", folder], check=True)
    data = f"{folder}/data"
    create = [INITDB, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run([*create, "--no-sync"], check=True, capture_output=True, cwd="/", **owner)
    serve = [INITDB.with_name("postgres"), "-D", data, "-k", folder, "-c", "listen_addresses="]
    server = subprocess.Popen(
        serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **owner
    )
    try:
        ready = [INITDB.with_name("pg_isready"), "-q", "-h", folder]
        end = time.monotonic() + 60
        while subprocess.run(ready).returncode and server.poll() is None and time.monotonic() < end:
            time.sleep(0.2)
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        server.send_signal(signal.SIGINT)  # Its fast shutdown, which cuts clients off.
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture
def server():
    """URL of an empty database."""
    if INITDB is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    # Not pytest's folder, into which the server's user may not look.
    with tempfile.TemporaryDirectory(prefix="study") as folder, postgresql(folder) as url:
        yield url


@pytest.mark.slow
def test_workers_make_the_tables_of_a_new_database_at_once(server):
    workers = [start_process([sys.executable, "-c", OPENING, server]) for _ in range(4)]
    for code, _, errors in map(wait, workers):
        assert code == 0, errors
        assert "Warning" not in errors


@pytest.mark.slow
def test_two_workers_share_a_study_on_postgresql(server):
    workers = [start("--storage", server, "--trials", "2", epochs=1) for _ in range(2)]
    numbers = []
    for code, output, errors in map(wait, workers):
        assert code == 0, errors
        assert "Traceback" not in errors and "Warning" not in errors.replace("WARNING", "")
        lines = [line for line in output.splitlines() if line.startswith("trial ")]
        numbers.append({int(line.split()[1].rstrip(":")) for line in lines})
    assert [len(own) for own in numbers] == [2, 2]
    assert numbers[0] | numbers[1] == set(range(4))
    trials = trials_of(server)
    assert [trial.number for trial in trials] == list(range(4))
    assert all(trial.state.name in ("COMPLETE", "PRUNED") for trial in trials)
    assert len({tuple(trial.params.values()) for trial in trials}) == 4
    # Both were at work at the same time.
    first, second = ([trials[number] for number in own] for own in numbers)
    assert min(t.datetime_start for t in first) < max(t.datetime_complete for t in second)
    assert min(t.datetime_start for t in second) < max(t.datetime_complete for t in first)
