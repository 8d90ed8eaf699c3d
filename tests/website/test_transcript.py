"""The transcripts of the pages are what the commands print."""

from pathlib import Path

import pytest

from keras_siamese import pretrained_names
from website import transcript

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("docs/command-line.md", "README.md")

PAGE = """Text with `$ keras-siamese no transcript`.

```console
$ keras-siamese one
one: 0.25 of 7
$ keras-siamese two
```

```text
$ keras-siamese three
```
"""


def test_the_output_of_each_command_stands_below_it():
    given = []

    def run(command):
        given.append(command)
        return f"{command.split()[1]}: 0.75 of 7\n"

    page = transcript.renewed(PAGE, run)
    assert given == ["keras-siamese one", "keras-siamese two"]
    assert "$ keras-siamese one\none: 0.75 of 7\n$ keras-siamese two\ntwo: 0.75 of 7\n```" in page
    assert page.startswith("Text with `$ keras-siamese no transcript`.")
    assert page.endswith("```text\n$ keras-siamese three\n```\n")


@pytest.mark.parametrize(
    ("other", "equal"),
    [("one: 0.5 of 7", True), ("one: 0.25 of 8", False), ("two: 0.25 of 7", False)],
)
def test_all_but_numbers_with_a_decimal_point_must_be_the_same(other, equal):
    assert (transcript.masked("one: 0.25 of 7") == transcript.masked(other)) is equal


@pytest.mark.parametrize("command", ["ls", "keras-siamese verify no.png no.png"])
def test_other_commands_and_failures_are_errors(command):
    with pytest.raises(ValueError, match=command):
        transcript.run_command(command)


def test_there_is_a_transcript():
    assert transcript.BLOCK.search((ROOT / PAGES[0]).read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.keras3
@pytest.mark.skipif(not pretrained_names(), reason="no weights ship with this commit")
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_print_what_the_page_says(page, capsys):
    assert transcript.main(["--check", str(ROOT / page)]) == 0, capsys.readouterr().out
