"""A turn in short: its calls stand, its long results are left out, with what to do to see them again."""

from autopack.core.call import Turn
from autopack.core.folding import FOLDED_FROM_CHARACTERS, RoundSize


def in_short(turn: Turn) -> Turn:
    return turn.model_copy(update={"results": tuple(map(_short, turn.results))})


def size_of(turn: Turn) -> RoundSize:
    left_out = sum(len(result) - len(_short(result)) for result in turn.results)
    return RoundSize(all=sum(map(len, turn.texts)), foldable=left_out)


def _short(result: str) -> str:
    if len(result) < FOLDED_FROM_CHARACTERS:
        return result
    return f"[{len(result):,} characters, left out by now; make the call again if you need them]\n"
