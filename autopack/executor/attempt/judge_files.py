"""Keeps secrets out of commits: refuses edits and tools that write one, and edits of lines that the builder saw redacted."""

from collections import Counter
from collections.abc import Iterator

from autopack.core.candidate import DerivedFiles
from autopack.core.plan import PhaseSpec
from autopack.core.redaction import PLACEHOLDER, Redactor
from autopack.core.refusal import RefusalCode
from autopack.core.scope import Scope
from autopack.core.visible import ODD, STAND_IN
from autopack.edits import AcceptedEdits, EditRefused
from autopack.executor.slot import Slot
from autopack.worktree.base_tree import BaseTree


def judge_secrets(accepted: AcceptedEdits, redactor: Redactor) -> None:
    """Raises EditRefused; its sentence shows no secret."""
    for path, text in accepted.after.items():
        if text is None:
            continue
        before = accepted.before.get(accepted.renames.get(path, path)) or ""
        if text == before:
            continue
        number = _line_of_a_secret(before, text, redactor)
        if number is not None:
            message = (
                f"line {number} holds the value of a key or of a variable that is handed to commands, or a placeholder that stands for one "
                "(⟦redacted⟧); leave such lines out, and let the program read the value from its environment."
            )
            raise EditRefused(RefusalCode.SECRET, message, path)
        if ODD.search(before) and len(STAND_IN.findall(text)) > len(STAND_IN.findall(before)):
            message = (
                "it holds a mark such as ⟦U+000C⟧, which stands for a character that is not shown as it is; leave such lines out, "
                "or write the character as an escape of the language."
            )
            raise EditRefused(RefusalCode.UNSEEN_CHARACTER, message, path)
        touched = next(_touched(before, text, redactor), None)
        if touched is not None:
            message = f"the edit changes line {touched}, which was shown redacted because it looks like a secret; leave it as it is."
            raise EditRefused(RefusalCode.SECRET, message, path)


def judge_derived(derived: DerivedFiles, base: BaseTree, redactor: Redactor) -> None:
    """Raises EditRefused where a tool wrote a known value into a file that did not hold one."""
    blobs = base.blobs(file.blob for file in derived.files if file.blob is not None)
    before = base.read(derived.paths)
    for file in derived.files:
        after = blobs[file.blob].decode("utf-8", "replace") if file.blob is not None else ""
        if redactor.known_values_in(after) and not redactor.known_values_in(before.get(file.path, b"").decode("utf-8", "replace")):
            message = "a derive step wrote the value of a key or of a variable that it was handed into this file, which would be committed."
            raise EditRefused(RefusalCode.SECRET, message, file.path)


def _line_of_a_secret(before: str, after: str, redactor: Redactor) -> int | None:
    """The first line that adds a known secret, or the placeholder for one. A secret that the file held before may stay."""
    has_more = len(PLACEHOLDER.findall(after)) > len(PLACEHOLDER.findall(before))
    if not has_more and not redactor.known_values_in(after):
        return None
    old = set(before.split("\n"))
    lines = enumerate(after.split("\n"), 1)
    fresh = (
        number
        for number, line in lines
        if line not in old and (redactor.known_values_in(line) or (has_more and PLACEHOLDER.search(line) is not None))
    )
    return next(fresh, 1 if has_more or not redactor.known_values_in(before) else None)


def _touched(before: str, after: str, redactor: Redactor) -> Iterator[int]:
    """The numbers of the old text's redacted lines that the new text no longer holds."""
    if not redactor.finds_in(before):
        return
    old, shown = before.split("\n"), redactor.redact(before).split("\n")
    left = Counter(after.split("\n"))
    for number, (line, seen) in enumerate(zip(old, shown, strict=False), 1):
        if line != seen:
            if not left[line]:
                yield number
            left[line] -= 1


def judge_new_files(slot: Slot, phase: PhaseSpec, base: BaseTree, accepted: AcceptedEdits) -> None:
    """Raises EditRefused for the first one, unless the scope names that very file."""
    scope = Scope(phase.scope.paths)
    new = [path for path, text in accepted.after.items() if text is not None and path not in base.entries and not scope.names_exactly(path)]
    ignored = slot.work_tree.ignored(base.commit, new) if new else frozenset()
    for path in new:
        if path in ignored:
            message = "git ignores this path, so the user may keep a file of their own there; make the file where git does not ignore it."
            raise EditRefused(RefusalCode.IGNORED, message, path)
