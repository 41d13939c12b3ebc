"""Sorts a document by the rules of the configuration: left where it is, or a project and a kind, with the entry that decided."""

import re
from functools import lru_cache

from autopack.core.scope import matches
from autopack.core.settings import DocumentKind, DocumentRule, DocumentsSettings
from autopack.docs_archive.document import Document, Sorted


def left_by(path: str, settings: DocumentsSettings) -> str | None:
    """The entry of ``leave`` that keeps a path where it is."""
    return _first_match(path, settings.leave)


def sort_document(document: Document, settings: DocumentsSettings, project: str) -> Sorted:
    """``project`` is that of the repository, where no entry names another."""
    named = next((one.project for one in settings.projects if _first_match(document.path, one.paths)), project)
    kind, why = _kind(document, settings)
    return Sorted(document, named, kind, why)


def _kind(document: Document, settings: DocumentsSettings) -> tuple[DocumentKind, str]:
    text = document.text.lower()
    for rule in settings.kinds:
        why = _why(rule, document.path, text)
        if why is not None:
            return rule.kind, why
    return "reference", "no entry applies"


def _why(rule: DocumentRule, path: str, text: str) -> str | None:
    if not rule.paths and not rule.words:
        return "everything else"
    pattern = _first_match(path, rule.paths)
    if pattern is not None:
        return f"path {pattern}"
    found = [word for word in rule.words if _word(word.lower()).search(text)]
    return f"words {', '.join(found)}" if rule.words and len(found) >= rule.at_least else None


def _first_match(path: str, patterns: tuple[str, ...]) -> str | None:
    return next((pattern for pattern in patterns if matches(pattern.lower(), path.lower())), None)


@lru_cache(maxsize=512)
def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
