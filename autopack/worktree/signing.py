"""Signs commits with the user's own key, as ``commit.gpgsign`` asks for."""

import re
from typing import Final

from autopack.core.candidate import Candidate
from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.git import Git, GitError, as_text
from autopack.worktree.repository import Repository
from autopack.worktree.whole import made_whole

TIMEOUT_S: Final = 60.0
"""A program that waits for a passphrase must not hold up a night."""

_PERSON: Final = re.compile(r"(?P<name>.*?) ?<(?P<email>.*)> (?P<date>\d+ [+-]\d{4})\Z", re.DOTALL)


def is_signing_asked_for(repository: Repository) -> bool:
    """Whether the user's git signs commits here."""
    outcome = repository.git.attempt("config", "--type=bool", "--get", "commit.gpgsign")
    return as_text(outcome.stdout).strip() == "true"


def sign(repository: Repository, candidate: Candidate, ref: str) -> Candidate:
    """The same commit with a signature, and so with another id; ``ref`` keeps it.

    Raises:
        EnvironmentBlockedError: git could not sign; the sentence says why.
    """
    git = repository.git
    header, _, message = git.run("cat-file", "commit", candidate.commit).partition(b"\n\n")
    fields = dict(line.split(" ", 1) for line in as_text(header).split("\n") if line.startswith(("author ", "committer ")))
    people = {**_person("AUTHOR", fields["author"]), **_person("COMMITTER", fields["committer"])}

    def make() -> str:
        commit = _signed(git, ("-p", candidate.parent, candidate.tree), message, people)
        git.run("update-ref", ref, commit)
        return commit

    commit = made_whole(git, candidate.parent, make, str)
    return candidate.model_copy(update={"commit": commit, "ref": ref})


def try_signing(repository: Repository, tree: str) -> None:
    """Signs a commit that is on no branch. Raises EnvironmentBlockedError where that is not possible."""
    identity = repository.identity
    line = f"{identity.name} <{identity.email}> 0 +0000"
    people = {**_person("AUTHOR", line), **_person("COMMITTER", line)}
    _signed(repository.git, (tree,), b"Can commits be signed here?\n", people)


def _signed(git: Git, words: tuple[str, ...], message: bytes, people: dict[str, str]) -> str:
    quiet = git.configured("i18n.commitEncoding=UTF-8")
    try:
        return as_text(quiet.run("commit-tree", "-S", *words, "-F", "-", stdin=message, extra=people, timeout_s=TIMEOUT_S)).strip()
    except (GitError, EnvironmentBlockedError) as error:
        said = error.stderr.strip().split("\n")[0] if isinstance(error, GitError) else f"no answer within {TIMEOUT_S:g} s"
        raise EnvironmentBlockedError(
            f"Your git signs commits (commit.gpgsign), and signing failed: {said}. "
            "Unlock the key or mend the settings of git, then go on; or set `git: {sign: off}` in the configuration."
        ) from error


def _person(role: str, line: str) -> dict[str, str]:
    found = _PERSON.match(line)
    if found is None:
        raise ValueError(f"no line of a commit: {line!r}")
    return {f"GIT_{role}_NAME": found["name"], f"GIT_{role}_EMAIL": found["email"], f"GIT_{role}_DATE": f"@{found['date']}"}
