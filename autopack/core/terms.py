"""Under which terms a person's verb from afar is carried out: who it is, from where, and what was looked at."""

from autopack.core.model import Frozen


class Terms(Frozen):
    """``seen`` is the mark of what was looked at, as ``store.marks`` makes it."""

    who: str
    whence: str
    seen: str

    def told(self) -> dict[str, str]:
        """What the verb's event says beside what was done."""
        return {"who": self.who, "from": self.whence}
