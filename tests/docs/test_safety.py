"""The page's table of what runs outside the sandbox: a call of git that is not in it is none that anybody thought about."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
CALLS: Final = frozenset({"run", "attempt", "line", "stream", "words"})
COMMAND: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")
STARTERS: Final = {"checks/processes/spawn.py", "checks/processes/detached.py", "checks/commands/notify.py", "worktree/git.py"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted((ROOT / "autopack").rglob("*.py")):
        yield str(file.relative_to(ROOT / "autopack")), ast.parse(file.read_text("utf-8"))


def named_tuples(module: ast.Module) -> dict[str, ast.expr]:
    """``words = ("ls-files", ...)`` and ``a, b = (...), (...)``: what a name stands for."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found[node.target.id] = node.value
        if isinstance(node, ast.Assign):
            targets, values = node.targets[:1], [node.value]
            if isinstance(targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
                targets, values = targets[0].elts, node.value.elts
            found |= {target.id: value for target, value in zip(targets, values, strict=False) if isinstance(target, ast.Name)}
    return found


def first_word(argument: ast.expr, named: dict[str, ast.expr]) -> str:
    """The command: written out, or the first word of a tuple that has a name."""
    argument = argument.value if isinstance(argument, ast.Starred) else argument
    argument = named.get(argument.id, argument) if isinstance(argument, ast.Name) else argument
    words = [node.value for node in ast.walk(argument) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return words[0] if words else ""


def git_calls() -> set[str]:
    found = set()
    for _, module in modules():
        named = named_tuples(module)
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS and node.args:
                receiver = ast.unparse(node.func.value)
                if "git" in receiver or "neutral(" in receiver:
                    words = [first_word(argument, named) for argument in node.args]
                    found.add(words[2] if words[0] == "-c" else words[0])
    return {word for word in found if COMMAND.fullmatch(word)}


def test_every_call_of_git_is_in_the_table():
    table = (ROOT / "docs" / "safety.md").read_text("utf-8").partition("| program | reads |")[2].partition("\n\n")[0]
    told = set(re.findall(r"`git ([a-z-]+)`", table))
    assert git_calls() == told
    assert {"checkout-index", "check-ignore", "hash-object", "fast-import", "status", "worktree"} <= told


def test_programs_are_started_in_four_places():
    found = set()
    for name, module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                ("subprocess.Popen", "subprocess.run", "os.system", "runner().execute")
            ):
                found.add(name)
    assert {name for name in found if not name.startswith("llm/")} == STARTERS
