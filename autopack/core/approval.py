"""A person's yes to a held phase."""

from autopack.core.model import Frozen


class Approval(Frozen):
    """``override`` names what the person overrules (``audit``); it goes into a trailer of the commit."""

    note: str = ""
    override: str | None = None
