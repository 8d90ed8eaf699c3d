"""The queue: resumable, shared, and unmoved by one training that fails."""

import errno
import io
import json
import subprocess
import sys

import pytest
import tensorflow as tf
from rich.console import Console

from keras_siamese.training import DivergedError, checkpoints
from reproduce.paper import jobs as jobs_module
from reproduce.paper.jobs import DONE, ELSEWHERE, INTERRUPTED, RUNNING, WAITING, JobQueue
from reproduce.paper.jobs_view import Progress, QueueView, duration, read_progress, seconds_left
from reproduce.paper.plan import Job


def fake_result(job, finished=True):
    """Return the least that a queue reads of a result file."""
    return {
        "config": json.loads(json.dumps(job.config.settings())),
        "training": {"finished": finished},
        "validation": {},
    }


@pytest.fixture
def jobs(tiny):
    """Return two jobs."""
    return [Job(tiny.override(name=name), (("1", name),)) for name in ("a", "b")]


@pytest.fixture
def queue(jobs, tmp_path):
    """Return a queue of two jobs."""
    return JobQueue(jobs, runs=tmp_path / "runs", results_dir=tmp_path / "results")


@pytest.fixture
def trained(monkeypatch):
    """Replace the training by a note of its name."""
    names = []

    def run(config, **arguments):
        names.append(f"{config.name}-seed{config.seed}")
        return fake_result(Job(config, ()))

    monkeypatch.setattr(jobs_module.experiment, "run", run)
    return names


@pytest.fixture
def other_worker(queue):
    """Hold the first job's folder in another process, until that is killed."""
    path = queue.runs / queue.jobs[0].name / "lock"
    path.parent.mkdir(parents=True)
    script = (
        "import sys, time, filelock\n"
        "with filelock.FileLock(sys.argv[1], timeout=0):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_every_job_is_done_once(queue, trained):
    assert queue.run() == {}
    assert trained == ["a-seed0", "b-seed0"]
    assert [queue.state(job) for job in queue.jobs] == [DONE, DONE]
    queue.run()
    assert len(trained) == 2


def test_an_unfinished_result_is_gone_on_with(queue, trained):
    path = queue.result_path(queue.jobs[0])
    path.write_text(json.dumps(fake_result(queue.jobs[0], finished=False)))
    queue.run()
    assert trained == ["a-seed0", "b-seed0"]


def test_the_job_of_a_worker_that_is_killed_meanwhile_is_taken_up(
    queue, trained, other_worker, monkeypatch
):
    monkeypatch.setattr(jobs_module, "LOOK_SECONDS", 0.1)
    assert queue.state(queue.jobs[0]) == ELSEWHERE
    states = []

    def change(job, state):
        states.append((job.name, state))
        if state == DONE:
            other_worker.kill()
            other_worker.wait(60)

    queue.run(on_change=change)
    assert trained == ["b-seed0", "a-seed0"]
    assert states[:3] == [("a-seed0", ELSEWHERE), ("b-seed0", RUNNING), ("b-seed0", DONE)]
    assert states[-2:] == [("a-seed0", RUNNING), ("a-seed0", DONE)]


def test_what_another_process_finished_is_not_done_again(queue, trained, other_worker, monkeypatch):
    def finish_elsewhere(seconds):
        job = queue.jobs[0]
        queue.result_path(job).write_text(json.dumps(fake_result(job)))
        other_worker.kill()
        other_worker.wait(60)

    monkeypatch.setattr(jobs_module.time, "sleep", finish_elsewhere)
    queue.run()
    assert trained == ["b-seed0"]
    assert queue.state(queue.jobs[0]) == DONE


def test_waiting_for_others_ends_with_the_budget(queue, trained, other_worker, monkeypatch):
    monkeypatch.setattr(jobs_module, "LOOK_SECONDS", 0.1)
    queue.run(budget=1 / 60)
    assert trained == ["b-seed0"]
    assert queue.state(queue.jobs[0]) == ELSEWHERE


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        tf.errors.ResourceExhaustedError(None, None, "No space left on the GPU\nDetails"),
        DivergedError("No space left for the loss"),
    ],
)
def test_one_failure_does_not_stop_the_others(queue, monkeypatch, error):
    def run(config, **arguments):
        if config.name == "a":
            raise error
        return fake_result(Job(config, ()))

    monkeypatch.setattr(jobs_module.experiment, "run", run)
    failed = queue.run()
    assert set(failed) == {"a-seed0"}
    assert "No space left" in failed["a-seed0"]
    assert "\n" not in failed["a-seed0"]
    assert queue.state(queue.jobs[1]) == DONE
    assert [path.name for path in queue.results_dir.iterdir()] == ["b-seed0.json"]


def test_no_time_means_no_training(queue, trained):
    queue.run(budget=0)
    assert trained == []


@pytest.mark.parametrize(("decay", "of_this_configuration"), [(0.01, True), (0.02, False)])
def test_a_result_older_than_a_setting_had_its_default(queue, jobs, decay, of_this_configuration):
    older = fake_result(jobs[0])
    del older["config"]["decay"]
    job = Job(jobs[0].config.override(decay=decay), ())
    queue.result_path(jobs[0]).write_text(json.dumps(older))
    if of_this_configuration:
        assert queue.result(job) is not None
    else:
        with pytest.raises(ValueError, match="another configuration .decay differ"):
            queue.result(job)


def test_results_of_another_configuration_are_refused(queue, jobs, tmp_path):
    changed = Job(jobs[0].config.override(batch_size=7), ())
    queue.result_path(jobs[0]).write_text(json.dumps(fake_result(changed)))
    with pytest.raises(ValueError, match="another configuration .batch_size differ"):
        JobQueue(jobs, runs=tmp_path / "runs", results_dir=tmp_path / "results")


@pytest.mark.parametrize(("text", "message"), [("{", "is damaged"), ("{}", r"lacks \['config'")])
def test_a_damaged_result_is_told(queue, jobs, tmp_path, text, message):
    queue.result_path(jobs[0]).write_text(text)
    with pytest.raises(ValueError, match=message):
        JobQueue(jobs, runs=tmp_path / "runs", results_dir=tmp_path / "results")


def test_an_interrupted_queue_needs_resume(queue):
    folder = queue.runs / queue.jobs[1].name
    state = checkpoints.RunState(1, False, [], [], None, {}, {}, {})
    checkpoints.save_state(folder, state)
    assert [queue.state(job) for job in queue.jobs] == [WAITING, INTERRUPTED]
    queue.check_start(resume=True)
    with pytest.raises(ValueError, match="b-seed0.*--resume"):
        queue.check_start(resume=False)


@pytest.mark.slow
def test_a_budget_interrupts_a_real_training_and_the_next_call_goes_on(tmp_path, tiny):
    job = Job(tiny, (("1", "tiny"),))
    queue = JobQueue([job], runs=tmp_path / "runs", results_dir=tmp_path / "results")
    queue.run(budget=1e-6)
    assert queue.state(job) == INTERRUPTED
    assert queue.run() == {}
    assert queue.state(job) == DONE
    assert queue.result(job)["training"]["epochs"] == 2
    assert read_progress(queue.runs / job.name).epochs == 2


def test_progress_is_read_from_the_log(tmp_path):
    assert read_progress(tmp_path) == Progress(0, None, None)
    log = tmp_path / "log.csv"
    log.write_text("epoch,val_one_shot_accuracy,pairs_per_second\n0,0.5,100\n1,0.25,200\n")
    assert read_progress(tmp_path) == Progress(2, 0.5, 200)
    log.write_text("epoch,val_one_shot_accuracy,pairs_per_second\n0,0.5\n")
    assert read_progress(tmp_path) == Progress(0, None, None)


def test_time_left_is_what_remains_at_the_present_speed(tiny):
    job = Job(tiny.override(epochs=10, epoch_pairs=60), ())
    assert seconds_left(job, Progress(4, 0.5, 3.0)) == pytest.approx(6 * 60 / 3)
    assert seconds_left(job, Progress(0, None, None)) is None
    assert duration(6 * 60 / 3) == "2 min"
    assert duration(3 * 3600 + 300) == "3 h 05 min"
    assert duration(None) == ""


def test_the_view_names_every_training_and_its_state(queue, trained):
    console = Console(file=io.StringIO(), width=120)
    view = QueueView(queue, console)
    queue.run(on_change=view.change)
    console.print(view.table())
    shown = console.file.getvalue()
    assert "a-seed0: running" in shown
    assert "2 of 2 done, 0 running" in shown
