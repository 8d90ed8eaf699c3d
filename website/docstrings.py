"""What the API reference changes in docstrings: an example is shown as code."""

from __future__ import annotations

import re
from typing import Any

import griffe

HEADING = re.compile(r"^([ \t]*)Example:$", re.MULTILINE)


class Examples(griffe.Extension):
    """Call Keras's section `Example:` by the name that the reader of docstrings knows."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rename the section in one docstring."""
        if obj.docstring:
            obj.docstring.value = with_examples(obj.docstring.value)


def with_examples(docstring: str) -> str:
    """Return a docstring with its last section, `Example:`, as the reader of docstrings knows it.

    A session of >>> goes under `Examples:`; other code is fenced.
    """
    heading = HEADING.search(docstring)
    if heading is None:
        return docstring
    before, body = docstring[: heading.start()], docstring[heading.end() :]
    if body.lstrip().startswith(">>>"):
        return f"{before}{heading[1]}Examples:{body}"
    inner = heading[1] + "    "
    code = body.strip("\n").rstrip()
    return f"{before}{heading[0]}\n{inner}```python\n{code}\n{inner}```\n"
