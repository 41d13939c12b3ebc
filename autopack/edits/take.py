"""What a reply takes from the builder's scratch copy becomes edits like any other."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from autopack.core.exploring import ScratchFile
from autopack.core.refusal import RefusalCode
from autopack.edits.model import Create, Delete, EditRefused, EditSet, FileEdit, Take, Taken


def taken(edit_set: EditSet, scratch: Mapping[str, ScratchFile], existing: Collection[str]) -> EditSet:
    """The same reply with the content of each file that it takes. ``scratch`` holds the files that differ from the base tree.

    Raises:
        EditRefused: code ``nothing_to_take`` or ``path_gate``, with the path.
    """
    return replace(edit_set, files=tuple(_edit(edit, scratch, existing) for edit in edit_set.files))


def _edit(edit: FileEdit, scratch: Mapping[str, ScratchFile], existing: Collection[str]) -> FileEdit:
    if not isinstance(edit, Take):
        return edit
    file = scratch.get(edit.path)
    if file is None or (file.text is None and file.unusable is None and edit.path not in existing):
        reason = "The scratch copy holds this file as the repository has it, so there is nothing to take; change it there, or edit it here."
        raise EditRefused(RefusalCode.NOTHING_TO_TAKE, reason, edit.path)
    if file.unusable is not None:
        raise EditRefused(RefusalCode.PATH_GATE, f"This cannot be taken from the scratch copy: {file.unusable}", edit.path)
    if file.text is None:
        return Delete(edit.path)
    return Taken(edit.path, file.text) if edit.path in existing else Create(edit.path, file.text)
