"""A model's reply into file texts, rightly placed or refused. Pure: text in, text out."""

from autopack.edits.accept import accept
from autopack.edits.apply import apply_diff, apply_edit_set, apply_reply
from autopack.edits.diff import read_diff
from autopack.edits.guards import Guards
from autopack.edits.model import (
    AcceptedEdits,
    Blocked,
    Create,
    Delete,
    Edit,
    EditRefused,
    EditSet,
    FileEdit,
    Operation,
    Patch,
    Rename,
    Replace,
    Take,
    Taken,
)
from autopack.edits.quote import what_stands_there
from autopack.edits.reply import read_reply
from autopack.edits.take import taken

__all__ = [
    "AcceptedEdits",
    "Blocked",
    "Create",
    "Delete",
    "Edit",
    "EditRefused",
    "EditSet",
    "FileEdit",
    "Guards",
    "Operation",
    "Patch",
    "Rename",
    "Replace",
    "Take",
    "Taken",
    "accept",
    "apply_diff",
    "apply_edit_set",
    "apply_reply",
    "read_diff",
    "read_reply",
    "taken",
    "what_stands_there",
]
