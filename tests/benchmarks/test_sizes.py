"""The sizes of a repository, counted by hand for a tiny one."""

import pytest

from benchmarks import sizes
from tests.git_commands import git

SHORT = '"""One."""\n\n\ndef one():\n    return 1\n'
LONG = "class A:\n    def two(self):\n        x = 1\n        return x\n\n\nb = 2\nc = 3\nd = 4\n"
NESTED = "async def three():\n    return 3\n"


@pytest.fixture
def repository(tmp_path):
    """A first commit of a package of two files, a second with a third file and a test."""

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    git(tmp_path, "init", "--quiet")
    write("keras_siamese/__init__.py", "")
    write("keras_siamese/short.py", SHORT)
    write("README.md", "# A name\n\nTwo <!-- number: x.y --> words,\n<!-- table\nof -->\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    git(tmp_path, "tag", "first")
    write("keras_siamese/long.py", LONG)
    write("keras_siamese/inner/nested.py", NESTED)
    write("tests/test_one.py", "1\n" * 8)
    write("docs/page.md", "Ein schöner Satz\n")
    write("docs/data.json", "{}")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "second")
    return tmp_path


def test_a_commit_is_counted(repository):
    figures = sizes.measure_repository(sizes.read_repository(repository, "HEAD"))
    assert figures["keras_siamese/: files"] == "4"
    assert figures["keras_siamese/: lines"] == "16"
    # Of 5, 9 and 2 lines: the empty __init__.py is no file of code.
    assert figures["median file of the package, lines"] == "5"
    longest = figures["longest function of the package, lines"]
    assert longest == "3 (two, keras_siamese/long.py)"
    assert figures["lines of tests to a line of the package"] == "0.50"
    assert (figures["tests/: files"], figures["tests/: lines"]) == ("1", "8")
    assert figures["README.md: words"] == "5"
    assert (figures["docs/: pages"], figures["docs/: words"]) == ("1", "3")
    assert figures["reproduce/: files"] == "0"


def test_the_working_tree_is_counted_as_it_is_now(repository):
    (repository / "keras_siamese" / "short.py").write_text("1\n")
    (repository / "keras_siamese" / "long.py").unlink()
    (repository / "unknown.py").write_text("1\n")
    figures = sizes.measure_repository(sizes.read_repository(repository, None))
    assert figures["keras_siamese/: files"] == "3"
    assert figures["keras_siamese/: lines"] == "3"


def test_two_commits_stand_side_by_side(repository, capsys):
    sizes.main(["first", "HEAD"], repository)
    printed = capsys.readouterr().out
    rows = [[cell.strip() for cell in row.split("│")[1:-1]] for row in printed.splitlines()]
    assert ["keras_siamese/: lines", "5", "16"] in rows
    assert ["docs/: words", "0", "3"] in rows
    assert "first" in printed and "HEAD" in printed


def test_a_commit_that_is_none_is_refused(repository, capsys):
    with pytest.raises(SystemExit):
        sizes.main(["nowhere"], repository)
    told = capsys.readouterr().err
    assert "`commit` must be a commit" in told and "Received: 'nowhere'" in told
