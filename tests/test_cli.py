"""The command as a whole: version, help, and one line with an exit code for each kind of error."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import keras_siamese
import keras_siamese_command
from keras_siamese import cli

runner = CliRunner()


@pytest.fixture
def failing(monkeypatch):
    """Makes `data describe glyphs` raise an error of the test's choice."""

    def make(error: BaseException) -> None:
        def fail(**options):
            raise error

        monkeypatch.setattr("keras_siamese.data.make_glyphs", fail)

    return make


def test_version_is_the_package_version():
    result = runner.invoke(cli.app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout == f"keras-siamese {keras_siamese.__version__}\n"


COMMANDS = sorted(typer.main.get_command(cli.app).commands)


@pytest.mark.parametrize(
    "arguments", [[], ["data"], ["data", "get"], *([command] for command in COMMANDS)], ids=str
)
def test_help_needs_no_data(arguments):
    result = runner.invoke(cli.app, [*arguments, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.stdout


HEAVY = ("tensorflow", "keras", "numpy", "scipy", "skimage", "PIL")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["classify", "--help"],
        ["train", "--help"],
        ["nonsense"],
        ["verify", "a.png"],
    ],
    ids=" ".join,
)
def test_help_and_unreadable_command_lines_import_nothing_heavy(arguments):
    script = (
        "import sys, keras_siamese_command\n"
        "try: keras_siamese_command.main()\n"
        "except SystemExit: pass\n"
        f"print(*(set({HEAVY}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.stderr.splitlines()[-1] == "", done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "examples/sign.png", "examples/signs/loop/1.png"],
        ["classify", "--support", "examples/signs", "examples/sign.png"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_few_images_need_no_tensorflow(arguments):
    script = (
        "import sys, keras_siamese_command\n"
        "try: keras_siamese_command.main()\n"
        "except SystemExit as end: code = end.code\n"
        "print(code, *({'tensorflow', 'keras'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        cwd=Path(__file__).parents[1],
        text=True,
        timeout=60,
    )
    assert done.stderr.split() == ["0"]
    assert done.stdout.startswith(("same: ", "examples/sign.png: loop"))


def test_every_command_says_in_a_line_what_it_does():
    said = runner.invoke(cli.app, ["--help"], env={"COLUMNS": "200"}).stdout
    assert {
        "classify",
        "data",
        "embed",
        "evaluate",
        "export",
        "pretrained",
        "train",
        "verify",
    } <= set(COMMANDS)
    for command in COMMANDS:
        (line,) = [line for line in said.splitlines() if line.strip("│ ").startswith(f"{command} ")]
        assert len(line.split()) > 5


@pytest.mark.parametrize(
    "error",
    [
        ValueError("`images` must be of one size.\n  Received: two."),
        FileNotFoundError(errno.ENOENT, "No such file", "x.zip"),
        PermissionError(errno.EACCES, "Permission denied", "/cache"),
        MemoryError("Unable to allocate 9 TiB"),
    ],
)
def test_bad_input_gives_one_line_and_code_1(failing, error):
    failing(error)
    result = runner.invoke(cli.app, ["data", "describe", "glyphs"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == f"keras-siamese: {' '.join(str(error).split())}\n"


def test_control_c_gives_code_130(failing):
    failing(KeyboardInterrupt())
    result = runner.invoke(cli.app, ["data", "describe", "glyphs"])
    assert result.exit_code == 130
    assert result.stderr == "keras-siamese: interrupted\n"


def test_a_closed_pipe_is_not_reported(failing):
    failing(BrokenPipeError(errno.EPIPE, "Broken pipe"))
    result = runner.invoke(cli.app, ["data", "describe", "glyphs"])
    assert result.exit_code == 1
    assert "keras-siamese:" not in result.stderr


def test_a_bug_is_not_hidden(failing):
    failing(ZeroDivisionError())
    result = runner.invoke(cli.app, ["data", "describe", "glyphs"])
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize("arguments", [["nonsense"], ["data", "describe"], ["--nonsense"]])
def test_an_unreadable_command_line_gives_code_2(arguments):
    assert runner.invoke(cli.app, arguments).exit_code == 2


@pytest.mark.slow
def test_the_command_in_a_process_of_its_own_shows_no_traceback():
    done = subprocess.run(
        [sys.executable, "-m", "keras_siamese_command", "data", "describe", "no such data"],
        capture_output=True,
        env={name: os.environ[name] for name in os.environ if not name.startswith("TF_")},
        text=True,
        timeout=600,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("keras-siamese: DATASET must be")


def test_a_native_log_is_shown_after_an_error_only(capfd):
    with keras_siamese_command.held_back_log():
        os.write(2, b"noise\n")
    assert capfd.readouterr().err == ""
    with pytest.raises(ImportError), keras_siamese_command.held_back_log():
        os.write(2, b"the reason\n")
        raise ImportError
    assert capfd.readouterr().err == "the reason\n"


def test_ctrl_c_while_tensorflow_starts_shows_no_log(capfd):
    with pytest.raises(KeyboardInterrupt), keras_siamese_command.held_back_log():
        os.write(2, b"noise\n")
        raise KeyboardInterrupt
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("level", "taken"), [(None, "3"), ("0", "3"), ("2", "3"), ("3", "3"), ("5", "5"), ("x", "3")]
)
def test_a_level_of_the_log_makes_it_quieter_never_noisier(level, taken):
    assert keras_siamese_command.quiet_level(level) == taken


@pytest.mark.slow
@pytest.mark.parametrize("level", [None, "0", "3"])
def test_nothing_is_said_while_tensorflow_starts(level):
    names = [name for name in os.environ if not name.startswith("TF_")]
    environment = {name: os.environ[name] for name in names}
    script = (
        "import sys, keras_siamese_command as command\n"
        "from keras_siamese import cli\n"
        "cli.main = lambda: __import__('keras').ops.ones(3)\n"
        "command.main()\n"
        "assert 'tensorflow' in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment if level is None else environment | {"TF_CPP_MIN_LOG_LEVEL": level},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_error_of_tensorflow_is_one_line(monkeypatch, tmp_path):
    import tensorflow as tf

    def fail(*arguments, **options):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating\na tensor")

    monkeypatch.setattr("keras_siamese.commands.networks.load", fail)
    done = runner.invoke(cli.app, ["export", "omniglot", str(tmp_path / "out")])
    assert done.exit_code == 1 and done.stderr.splitlines() == [
        "keras-siamese: OOM when allocating a tensor"
    ]
