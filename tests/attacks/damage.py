"""How content is damaged: bytes of a file, entries of an archive, and values of a wrong type."""

import io
import json
import zipfile

import numpy as np

from tests.recognizer.saved_files import at, places, replaced

# Replaces a number, a text, a list or an image.
WRONG = (
    None, True, 0, -1, 5, 10**400, 1.5, float("nan"), float("inf"), 1j, "", "ab", "../x", b"x",
    [], [1], [1, 2], ["x", None], [[1, 2], [3]], {}, {"a": 1}, object(), print,
    np.zeros(0), np.zeros((2, 3)), np.full((2, 8, 8, 1), np.nan), np.array(["x"]),
    np.array([{}], object), np.float32("nan"), np.int64(-3), np.datetime64("2020-01-01"),
)  # fmt: skip
NAMES = ("../out", "/absent/out", "C:\\out", "a/../../out", "", ".", "x" * 300, "a\x00b", "é", "\n")


def damaged(content, rng):
    """Return bytes with one to four kinds of damage: changed, cut, doubled, moved or put in."""
    content = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        if not content:
            break
        place, other = rng.integers(0, len(content), 2)
        length = int(rng.integers(1, 33))
        kind = rng.choice(["bit", "byte", "cut", "lose", "double", "swap", "put in"])
        if kind == "bit":
            content[place] ^= 1 << int(rng.integers(8))
        elif kind == "byte":
            content[place] = rng.choice([0, 1, 127, 128, 255])
        elif kind == "cut":
            del content[place:]
        elif kind == "lose":
            del content[place : place + length]
        elif kind == "double":
            content[place:place] = content[other : other + length]
        elif kind == "swap":
            content[place : place + length] = content[other : other + length]
        else:
            content[place:place] = rng.bytes(length)
    return bytes(content)


def damaged_json(content, rng):
    """Return JSON with another value at a place; `nan` and numbers without end are among them."""
    tree = json.loads(content)
    place = list(places(tree))[int(rng.integers(len(list(places(tree)))))]
    old = at(tree, place)
    values = [value for value in WRONG if _is_json(value)]
    if isinstance(old, (int, float)):
        values += [-old, old * 1e300, old + 1, str(old)]
    return json.dumps(replaced(tree, place, values[int(rng.integers(len(values)))])).encode()


def _is_json(value):
    try:
        return json.loads(json.dumps(value)) is not None or value is None
    except (TypeError, ValueError):
        return False


def damaged_array(content, rng):
    """Return an `.npy` file of another shape or type, or with values that are not numbers."""
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.kind == "f" and array.size and rng.random() < 0.5:
        flat = array.copy().reshape(-1)
        flat[rng.integers(flat.size)] = rng.choice([np.nan, np.inf, -np.inf, 1e38])
        other = flat.reshape(array.shape)
    else:
        others = [
            np.atleast_1d(array)[:0],
            array[..., None],
            array.astype("U"),
            np.array(1),
            np.zeros((2, 2)),
        ]
        other = others[int(rng.integers(len(others)))]
    file = io.BytesIO()
    np.save(file, other, allow_pickle=False)
    return file.getvalue()


def damaged_zip(path, entries, rng):
    """Write an archive with one entry damaged, renamed, doubled or left out; its sums are right.

    Args:
        path: The archive to write.
        entries: Content by name.
        rng: What to do.
    """
    entries = list(entries.items())
    chosen = int(rng.integers(len(entries)))
    name, content = entries[chosen]
    kind = rng.choice(["content", "content", "content", "name", "twice", "less", "zeros", "more"])
    if kind == "content":
        change = damaged
        if content and rng.random() < 0.7:
            change = {"json": damaged_json, "npy": damaged_array}.get(
                name.rpartition(".")[2], damaged
            )
        entries[chosen] = (name, change(content, rng))
    elif kind == "name":
        entries[chosen] = (str(rng.choice(NAMES)) or "/", content)
    elif kind == "less":
        del entries[chosen]
    elif kind == "zeros":
        entries[chosen] = (name, bytes(5_000_000))
    else:
        entries.append((name if kind == "twice" else str(rng.choice(NAMES)) or "/", b"more"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            # zipfile warns of a name that is there twice.
            archive.NameToInfo.pop(name, None)
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def refused_by(error, path):
    """Check that an error is a documented one, in words, and names the file."""
    assert isinstance(error, (ValueError, OSError)), repr(error)
    assert not isinstance(error, UnicodeError), repr(error)
    text = str(error)
    assert text.strip(), repr(error)
    assert str(path.name) in text, f"{text!r} does not name {path.name}"
