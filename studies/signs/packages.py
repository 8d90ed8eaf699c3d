"""The packages that pictures are rendered from: named versions, fetched once, read in place."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reproduce import results

HERE = Path(__file__).resolve().parent
RUNS = results.RUNS / "signs"
USES = ("training", "development", "test")
# Licences under which training data may be used, with attribution in the model card.
TRAINING_LICENCES = ("MIT", "Apache-2.0", "OFL-1.1", "CC0-1.0", "CC-BY-4.0")


@dataclass(frozen=True)
class Package:
    """One version of a package.

    Attributes:
        registry: "npm", "pypi", or "installed" for a Python package that is there already.
        name: Name in the registry.
        version: Version.
        licence: SPDX name of the licence of its pictures or fonts.
        use: "training", "development" or "test".
        attribution: Whom the licence asks to name.
    """

    registry: str
    name: str
    version: str
    licence: str
    use: str
    attribution: str

    @property
    def archive(self) -> str:
        """Name of the archive that the registry's client writes."""
        if self.registry == "npm":
            return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"

    def describe(self) -> str:
        """Return name, version and licence in words."""
        return f"{self.name} {self.version} ({self.licence})"


@cache
def packages(table: Path = HERE / "packages.tsv") -> dict[str, Package]:
    """Read the table of packages.

    Returns:
        Package by name.

    Raises:
        ValueError: If a use is unknown, or a training package has a licence that is not allowed.
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = [Package(**row) for row in csv.DictReader(file, delimiter="\t", quoting=3)]
    for row in rows:
        if row.use not in USES:
            raise ValueError(
                f"`use` must be one of {USES}. Received: {row.use!r} for {row.name}. Correct the "
                "table."
            )
        if row.use == "training" and row.licence not in TRAINING_LICENCES:
            raise ValueError(
                f"A training package must have one of the licences {TRAINING_LICENCES}. Received: "
                f"{row.licence!r} for {row.name}. Leave it out of {table.name}."
            )
    return {row.name: row for row in rows}


def package(name: str) -> Package:
    """Return a package of the table.

    Raises:
        ValueError: If the table does not name it.
    """
    if name not in packages():
        raise ValueError(
            f"`name` must be a package of packages.tsv. Received: {name!r}. Correct the name, or "
            "add it to the table."
        )
    return packages()[name]


def fetch(wanted: Iterable[Package], folder: Path = RUNS / "packages") -> None:
    """Fetch archives that are not there yet, with `npm pack` and `pip download`.

    Args:
        wanted: Packages of either registry.
        folder: Where the archives are kept.

    Raises:
        OSError: If a client is missing, or cannot fetch a package.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for item in wanted:
        if (folder / item.archive).is_file():
            continue
        if item.registry == "npm":
            command = ["npm", "pack", "--silent", f"{item.name}@{item.version}"]
        else:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command.append(f"{item.name}=={item.version}")
        if shutil.which(command[0]) is None:
            raise OSError(
                f"{command[0]} must be installed to fetch {item.name}. Received: no such command. "
                "Install Node.js."
            )
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode or not (folder / item.archive).is_file():
            raise OSError(
                f"{item.name} {item.version} cannot be fetched from {item.registry}: "
                f"{done.stderr.strip()[-300:] or 'no archive came'}. Try again later."
            )


class PackageArchive:
    """Files of a package, read without unpacking it.

    Args:
        item: The package; it is fetched where it is not there yet.
        folder: Where the archives are kept.
    """

    def __init__(self, item: Package, folder: Path = RUNS / "packages") -> None:
        """Open the archive and list its files."""
        fetch([item], folder)
        path = folder / item.archive
        if item.registry == "npm":
            with tarfile.open(path) as archive:
                self._files = {
                    entry.name.partition("/")[2]: archive.extractfile(entry).read()  # type: ignore[union-attr]
                    for entry in archive
                    if entry.isfile()
                }
        else:
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                self._files = {name: archive.read(name) for name in archive.namelist()}

    @property
    def names(self) -> list[str]:
        """Names of the files, sorted, without the folder that the registry puts around them."""
        return sorted(self._files)

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises:
            KeyError: If there is no such file.
        """
        return self._files[name]


def code_mark(modules: Iterable[str], further: str = "") -> str:
    """Return a mark of what pictures depend on, so that a change renders them anew.

    Args:
        modules: Names of files of this folder without their ending; the table of packages counts,
            too.
        further: What else they depend on.
    """
    files = [*(HERE / f"{name}.py" for name in modules), HERE / "packages.tsv"]
    content = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(content + further.encode()).hexdigest()[:10]


@cache
def archive(name: str) -> PackageArchive:
    """Open a package of the table; it is fetched and read once.

    Raises:
        ValueError: If the table does not name it.
        OSError: If it cannot be fetched.
    """
    return PackageArchive(package(name))
