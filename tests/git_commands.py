"""Git in a repository that a test makes."""

import subprocess


def git(folder, *arguments):
    """Run a command in `folder`, with a name for commits that no settings need to give."""
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)
