"""Bytes or a file to nodes: UTF-8 only, bounded, YAML (which JSON is too), every fault a sentence with its line."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from autopack.settings.limits import BYTES_MAX
from autopack.settings.node import Node
from autopack.settings.problem import Problem, UnreadableDocumentError, in_order
from autopack.settings.yaml_text import read_yaml

_BOM: Final = "\ufeff"


def read_bytes(path: Path, source: str) -> bytes:
    """The content of a plain file of bearable size.

    Raises:
        UnreadableDocumentError: it is missing, a directory, a pipe, too large or may not be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "no plain file"
            raise _unreadable(source, None, f"this is {kind}; name a YAML or JSON file.")
        if status.st_size > BYTES_MAX:
            raise _unreadable(source, None, f"the file is larger than {BYTES_MAX // 1024 // 1024} MiB; shorten it.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _unreadable(source, None, "there is no such file.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise _unreadable(source, None, f"the file cannot be read: {reason}.") from error


def decode(data: bytes, source: str) -> str:
    """The text of a document; a byte-order mark is dropped.

    Raises:
        UnreadableDocumentError: the bytes are not UTF-8 or hold a NUL; with the line.
    """
    if len(data) > BYTES_MAX:
        raise _unreadable(source, None, f"the file is larger than {BYTES_MAX // 1024 // 1024} MiB; shorten it.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        advice = "it is UTF-16; save it as UTF-8" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "save the file as UTF-8"
        raise _unreadable(source, line, f"byte 0x{data[error.start]:02x} is not UTF-8; {advice}.") from error
    if "\0" in text:
        raise _unreadable(source, text.count("\n", 0, text.index("\0")) + 1, "there is a NUL byte here; the file is not text.")
    return text.removeprefix(_BOM)


def read_mapping(path: Path, source: str) -> Node:
    """A file whose root is a mapping; an empty file is an empty one.

    Raises:
        UnreadableDocumentError: with every fault of the file.
    """
    return mapping_of(lambda problems: read_yaml(decode(read_bytes(path, source), source), source, problems), source)


def mapping_of(read: Callable[[list[Problem]], Node | None], source: str) -> Node:
    problems: list[Problem] = []
    node = read(problems)
    if node is None or node.value is None:
        node = Node({}, source, 0)
    if not isinstance(node.value, dict):
        problems.append(Problem(file=source, line=node.line or None, message="the file must be a mapping: `key: value` lines."))
    if problems:
        raise UnreadableDocumentError(in_order(problems))
    return node


def _unreadable(source: str, line: int | None, message: str) -> UnreadableDocumentError:
    return UnreadableDocumentError([Problem(file=source, line=line, message=message)])
