"""Packs a folder or lines into one file and reads it again: with Zstandard where this Python or a package has it, else with gzip."""

import hashlib
import os
import tarfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from autopack.settings.own_files import judge_way
from autopack.store.compressed import best_way, read_plain
from autopack.worktree.folder_flush import flush_folder

ENDINGS: Final = (".zst", ".gz")


def archive_name(name: str, kind: str) -> str:
    """``kind`` is what the file is once it is unpacked: ``.tar``."""
    return f"{name}{kind}{best_way()[0]}"


def packed_before(folder: Path, name: str, kind: str) -> Path | None:
    """An archive of that name that is there already, whatever it was packed with."""
    return next((place for ending in ENDINGS if (place := folder / f"{name}{kind}{ending}").is_file()), None)


def pack(folder: Path, archive: Path, before: Path | None) -> None:
    """Written beside its place, read again, and only then put there.

    What only the archive of ``before`` holds stays: the folder may have been half removed, or made anew since.
    Raises OSError, also where an archive lacks something.
    """
    _, opened = best_way()
    draft = _draft_of(archive)
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    wanted = {str(path.relative_to(folder.parent)): path.stat().st_size for path in files}
    with opened(draft, "wb") as file, _tar(file, "w|") as tar:
        tar.add(folder, arcname=folder.name)
        for member, data in _files_of(before):
            if member.name not in wanted:
                tar.addfile(member, BytesIO(data))
                wanted[member.name] = member.size
    with opened(draft, "rb") as file, _tar(file, "r|") as tar:
        kept = {member.name: member.size for member in tar if member.isfile()}
    _put(draft, archive, is_whole=kept == wanted)
    if before not in (None, archive):
        before.unlink()


def _files_of(before: Path | None) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    if before is None:
        return
    try:
        with tarfile.open(fileobj=BytesIO(read_plain(before))) as tar:
            for member in tar:
                data = tar.extractfile(member)
                if data is not None:
                    yield member, data.read()
    except tarfile.TarError as error:
        raise OSError(None, f"it does not unpack ({error}); move it away, then try again", str(before)) from error


def pack_lines(lines: Iterable[str], archive: Path) -> None:
    """As ``pack``; each line gets its end."""
    _, opened = best_way()
    draft, written = _draft_of(archive), hashlib.sha256()
    with opened(draft, "wb") as file:
        for line in lines:
            data = f"{line}\n".encode(errors="backslashreplace")
            written.update(data)
            file.write(data)
    _put(draft, archive, is_whole=hashlib.sha256(read_plain(draft)).digest() == written.digest())


def _draft_of(archive: Path) -> Path:
    draft = archive.with_name(f".{archive.name}.draft")
    judge_way(draft)
    return draft


def _put(draft: Path, archive: Path, *, is_whole: bool) -> None:
    """What it holds is taken away next: it has to outlive the power."""
    if not is_whole:
        draft.unlink()
        raise OSError(None, "the archive does not hold what was put into it", str(archive))
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(archive)
    flush_folder(archive.parent)


def _tar(file: IO[bytes], mode: Any) -> tarfile.TarFile:  # noqa: ANN401 - one of two literals
    return tarfile.open(fileobj=file, mode=mode, dereference=False)
