"""No edit brings a secret into a commit, and none touches a line that its author could not read."""

from collections import Counter
from collections.abc import Iterator

from autopack.core.redaction import PLACEHOLDER, Redactor
from autopack.edits import AcceptedEdits, EditRefused


def judge_secrets(accepted: AcceptedEdits, redactor: Redactor) -> None:
    """Raises EditRefused with a sentence that shows no value."""
    for path, text in accepted.after.items():
        if text is None:
            continue
        before = accepted.before.get(accepted.renames.get(path, path)) or ""
        if text == before:
            continue
        number = _line_of_a_known_value(before, text, redactor)
        if number is not None:
            message = f"line {number} holds the value of a key or of a variable that is handed to commands; read it from the environment."
            raise EditRefused("secret", message, path)
        if len(PLACEHOLDER.findall(text)) > len(PLACEHOLDER.findall(before)):
            raise EditRefused("secret", "the edit writes a placeholder that stands for a secret (⟦redacted⟧); leave such lines out.", path)
        touched = next(_touched(before, text, redactor), None)
        if touched is not None:
            message = f"the edit changes line {touched}, which was shown redacted because it looks like a secret; leave it as it is."
            raise EditRefused("secret", message, path)


def _line_of_a_known_value(before: str, after: str, redactor: Redactor) -> int | None:
    """The first line that brings one in; a value that stood there before may stay."""
    if not redactor.known_values_in(after):
        return None
    old = set(before.split("\n"))
    lines = after.split("\n")
    fresh = (number for number, line in enumerate(lines, 1) if line not in old and redactor.known_values_in(line))
    return next(fresh, None if redactor.known_values_in(before) else 1)


def _touched(before: str, after: str, redactor: Redactor) -> Iterator[int]:
    """Numbers of the redacted lines of the old text that the new one no longer holds."""
    if not redactor.finds_in(before):
        return
    old, shown = before.split("\n"), redactor.redact(before).split("\n")
    left = Counter(after.split("\n"))
    for number, (line, seen) in enumerate(zip(old, shown, strict=False), 1):
        if line != seen:
            if not left[line]:
                yield number
            left[line] -= 1
