"""Files that tools write, told by their names: never shown in full, and no work for a model unless a scope names them."""

import re
from typing import Final

_LOCK_NAMES: Final = frozenset(
    (
        *("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb", "deno.lock"),
        *("poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock", "pixi.lock", "pylock.toml", "conda-lock.yml"),
        *("cargo.lock", "go.sum", "go.work.sum", "gemfile.lock", "composer.lock", "mix.lock", "pubspec.lock", "podfile.lock"),
        *("packages.lock.json", "gradle.lockfile", "flake.lock", "cartfile.resolved", "package.resolved", ".terraform.lock.hcl"),
    )
)
_MADE_NAMES: Final = re.compile(
    r".*(?:\.snap|\.min\.(?:js|css|mjs)|\.(?:js|css|mjs)\.map|_pb2(?:_grpc)?\.pyi?|\.pb\.(?:go|cc|h)|\.g\.dart)"
)


def is_tool_made(path: str) -> bool:
    """Whether the name says that a tool writes this file: a lock file, a snapshot, a minified or generated one."""
    name = path.rpartition("/")[2].lower()
    return name in _LOCK_NAMES or _MADE_NAMES.fullmatch(name) is not None
