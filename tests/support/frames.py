"""Reads a prompt back as a careful reader would: our own lines, and frames that end at their own key alone."""

import re

from autopack.core.call import Prompt

_OPENS = re.compile(r"<(?P<name>\w+)(?: (?P<head>.*))? (?P<key>[0-9a-f]{4,64})>")


def parsed(text: str) -> list[tuple[str, str, str]]:
    """(name, head, body) of each frame, and ("", "", line) of each line of ours, in their order."""
    found: list[tuple[str, str, str]] = []
    lines = iter(text.splitlines())
    for line in lines:
        opened = _OPENS.fullmatch(line)
        if opened is None:
            found.append(("", "", line))
            continue
        end = f"</{opened['name']} {opened['key']}>"
        body = []
        for inner in lines:
            if inner == end:
                break
            assert opened["key"] not in inner
            body.append(inner)
        else:
            raise AssertionError(f"{line} does not end")
        found.append((opened["name"], opened["head"] or "", "\n".join(body)))
    return found


def shape(prompt: Prompt) -> list[list[str]]:
    """What a prompt is made of, whatever stands in it: frames by name, our lines by their first word, a block after the other."""
    return [[name or line.partition(" ")[0] for name, _, line in parsed(block.text) if name or _begins(line)] for block in prompt.blocks]


def _begins(line: str) -> bool:
    """A line that is indented belongs to the one before."""
    return bool(line) and not line.startswith("  ")
