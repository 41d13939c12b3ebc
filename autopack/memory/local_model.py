"""A sentence-transformers model on this machine: found without loading it, loaded when the first text comes, and never downloaded."""

import hashlib
import re
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

_MARK: Final = "modules.json"
_PACKAGE: Final = re.compile(r"[A-Za-z_][\w-]*")
_WEIGHTS: Final = ("model.safetensors", "pytorch_model.bin")
_DEEPEST: Final = 3
_AT_ONCE: Final = 32
_NAMED: Final = 12


def folder_of(place: str) -> Path | None:
    """Where the model lies: ``place`` is its folder, an installed package that holds one, or its name in the Hugging Face cache."""
    folder = Path(place).expanduser()
    if (folder / _MARK).is_file():
        return folder
    return _in_package(place) or _in_cache(place)


def _in_package(name: str) -> Path | None:
    if not _PACKAGE.fullmatch(name):
        return None
    found = find_spec(name.replace("-", "_"))
    for root in (found.submodule_search_locations or ()) if found else ():
        for depth in range(_DEEPEST):
            for mark in sorted(Path(root).glob("/".join(["*"] * depth + [_MARK]))):
                return mark.parent
    return None


def _in_cache(name: str) -> Path | None:
    if name.count("/") != 1:
        return None
    from huggingface_hub import try_to_load_from_cache  # with the extra

    try:
        found = try_to_load_from_cache(name, _MARK)
    except ValueError:
        return None
    return Path(found).parent if isinstance(found, str) else None


class LocalModel:
    """The model in ``folder``. Safe to use from several threads; they take turns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    @cached_property
    def model(self) -> str:
        """By its weights: the same model in another place is the same, another one of that name is not."""
        weights = next((self._folder / name for name in _WEIGHTS if (self._folder / name).is_file()), self._folder / _MARK)
        with weights.open("rb") as file:
            return f"local/{hashlib.file_digest(file, 'sha256').hexdigest()[:_NAMED]}"

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        with self._lock:
            found = self._loaded.encode(list(texts), batch_size=_AT_ONCE, normalize_embeddings=True, show_progress_bar=False)
        return [row.astype("<f4").tobytes() for row in found]

    @cached_property
    def _loaded(self) -> Any:  # noqa: ANN401 - of a package that may be absent
        """Seconds, and some hundred MB."""
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        logging.set_verbosity_error()
        return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
