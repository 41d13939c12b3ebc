"""Says how many of a thing there are."""


def counted(count: int, noun: str) -> str:
    """As "1 phase", "2 phases", "1,000 phases"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
