"""Size of the repository in numbers: files, lines, longest function, tests and words of the pages.

python -m benchmarks.sizes                  the working tree
python -m benchmarks.sizes 98a8401          a commit
python -m benchmarks.sizes 98a8401 HEAD     two of them, side by side

Counted are the files that Git knows, in the working tree as they are now. A median is that of the
package's files in lines, an `__init__.py` left out; a function is as long as from `def` to its last
line; words of a page are those outside of comments.
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
import subprocess
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, TESTS = "keras_siamese", "tests"
# Counted one by one; what is left over is the root's own.
FOLDERS = (PACKAGE, "reproduce", "studies", "benchmarks", "examples", "website", TESTS)
PAGES = re.compile(r"README\.md|docs/.*\.md")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
Files = dict[str, str]


def read_repository(root: Path, commit: str | None) -> Files:
    """Read the Python files and the pages of a repository, by their paths.

    Args:
        root: Top folder of the repository.
        commit: Any name of a commit; None for the working tree.

    Raises:
        ValueError: If there is no such commit.
    """
    listing = ("ls-files",) if commit is None else ("ls-tree", "-r", "--name-only", commit)
    try:
        names = _git(root, *listing, "-z").split("\0")
    except subprocess.CalledProcessError as error:
        raise ValueError(
            f"`commit` must be a commit of {root}. Received: {commit!r}. `git log` lists them."
        ) from error
    wanted = [name for name in names if name.endswith(".py") or PAGES.fullmatch(name)]
    if commit is None:
        # A file that was deleted is known to Git until the next commit.
        paths = {name: root / name for name in wanted}
        return {name: p.read_text(encoding="utf-8") for name, p in paths.items() if p.exists()}
    return {name: _git(root, "show", f"{commit}:{name}") for name in wanted}


def measure_repository(files: Files) -> dict[str, str]:
    """Return the numbers of a repository, as they are shown.

    Args:
        files: Texts of the Python files and pages, by their paths.
    """
    code = {name: text for name, text in files.items() if name.endswith(".py")}
    numbers = {}
    for folder in FOLDERS:
        own = [text for name, text in code.items() if name.startswith(f"{folder}/")]
        numbers[f"{folder}/: files"] = f"{len(own):,}"
        numbers[f"{folder}/: lines"] = f"{sum(map(line_count, own)):,}"
    library = {name: text for name, text in code.items() if name.startswith(f"{PACKAGE}/")}
    tests = [text for name, text in code.items() if name.startswith(f"{TESTS}/")]
    lengths = [
        line_count(text) for name, text in library.items() if not name.endswith("__init__.py")
    ]
    longest = max(functions(library), default=(0, "none"))
    numbers["median file of the package, lines"] = f"{statistics.median(lengths or [0]):g}"
    numbers["longest function of the package, lines"] = f"{longest[0]} ({longest[1]})"
    ratio = sum(map(line_count, tests)) / max(sum(map(line_count, library.values())), 1)
    numbers["lines of tests to a line of the package"] = f"{ratio:.2f}"
    numbers["README.md: words"] = f"{words(files.get('README.md', '')):,}"
    docs = [text for name, text in files.items() if name.startswith("docs/")]
    numbers["docs/: pages"] = f"{len(docs):,}"
    numbers["docs/: words"] = f"{sum(map(words, docs)):,}"
    return numbers


def line_count(text: str) -> int:
    """Count the lines of a file."""
    return len(text.splitlines())


def words(page: str) -> int:
    """Count the words of a page, its comments left out."""
    return len(COMMENT.sub(" ", page).split())


def functions(files: Files) -> Iterable[tuple[int, str]]:
    """Yield length in lines, and name with file, of each function."""
    for name, text in files.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{node.name}, {name}"


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout


def main(arguments: list[str] | None = None, root: Path = ROOT) -> None:
    """Print the numbers of one commit or more, a column each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("commits", nargs="*", metavar="COMMIT", help="else the working tree")
    commits = parser.parse_args(arguments).commits or [None]
    try:
        columns = [measure_repository(read_repository(root, commit)) for commit in commits]
    except ValueError as error:
        parser.error(str(error))
    table = Table("what", *(commit or "working tree" for commit in commits))
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    # A file takes the whole of it, as wide as it is.
    console = Console()
    console.width = console.width if console.is_terminal else 160
    console.print(table)


if __name__ == "__main__":
    main()
