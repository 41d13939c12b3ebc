"""What a run would do: the single source of ``run --dry-run --json``."""

from autopack.core.context import Why
from autopack.core.model import Frozen


class UsdOutlook(Frozen):
    """``likely``: an estimate of an attempt that lands. ``most``: all attempts at their ceilings, under the caps. None: no known price."""

    likely: float | None = None
    most: float | None = None


class TokensOutlook(Frozen):
    """``likely``: of an attempt that lands, builder and auditor together. ``most``: all calls at their ceilings. None: no key."""

    likely: int | None = None
    most: int | None = None


class ModelsOutlook(Frozen):
    """Who would be asked, in order; ``without_key`` are models of the chains that would be passed over."""

    builder: tuple[str, ...] = ()
    auditor: tuple[str, ...] = ()
    without_key: tuple[str, ...] = ()


class FileOutlook(Frozen):
    """``lines`` are the stretches that are shown, first and last line; ``why`` as in the context."""

    path: str
    mode: str
    lines: tuple[tuple[int, int], ...]
    is_whole: bool
    why: Why


class ContextOutlook(Frozen):
    tokens: int = 0
    files: tuple[FileOutlook, ...] = ()
    new_paths: tuple[str, ...] = ()


class PhaseOutlook(Frozen):
    """Of a phase that has ended there is nothing to be done, and so no models, checks, dollars or context."""

    id: str
    state: str
    commit: str | None = None
    complexity: str
    depends_on: tuple[str, ...] = ()
    models: ModelsOutlook = ModelsOutlook()
    checks: tuple[str, ...] = ()
    unchecked_because: str | None = None
    usd: UsdOutlook = UsdOutlook()
    tokens: TokensOutlook = TokensOutlook()
    context: ContextOutlook = ContextOutlook()


class Outlook(Frozen):
    """``state`` is None for a run that would be made; ``notes`` are sentences about what would stop it."""

    run_id: str
    state: str | None
    is_over: bool
    base_commit: str
    usd: UsdOutlook
    phases: tuple[PhaseOutlook, ...]
    notes: tuple[str, ...] = ()
