"""Text that every encoder takes: JSON can carry halves of characters, UTF-8 and SQLite cannot."""


def well_formed(text: str) -> str:
    """Halves that stand side by side become their character, single ones the replacement mark."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
