"""The tests of a Python file as they bear weight: what each asserts, how often, and whether it is skipped."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_SKIPS: Final = frozenset({"skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure", "SkipTest", "skipTest", "importorskip"})
_CHECKING: Final = ("assert", "check", "verify", "expect", "should", "raises", "warns", "fail")
_SWALLOWING: Final = frozenset({"Exception", "BaseException", "AssertionError"})
_UNKNOWN_ROUNDS: Final = 1_000
_DEEP: Final = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef
Helpers = dict[str, Counter[str]]


@dataclass(frozen=True)
class PythonTest:
    """``weight`` counts what is asserted, times the rounds of loops and parameters; ``shapes`` are the assertions less their values."""

    name: str
    weight: int
    shapes: Counter[str]
    skips: int
    is_empty: bool
    line: int


@dataclass(frozen=True)
class PythonTests:
    """``skips`` are those of the whole module."""

    tests: dict[str, PythonTest] = field(default_factory=dict)
    skips: int = 0


def python_tests(text: str | None) -> PythonTests | None:
    """The tests by name (``TestA.test_b``); None where the text is no Python."""
    if text is None:
        return PythonTests()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    helpers = {node.name: _of_helper(node) for node in ast.walk(tree) if isinstance(node, Function) and not node.name.startswith("test")}
    found: dict[str, PythonTest] = {}
    _collect(tree, "", 0, helpers, found)
    module = sum(_skips_of(node) for node in tree.body if isinstance(node, (ast.Assign, ast.Expr, ast.AnnAssign)))
    return PythonTests(found, module)


def _collect(node: ast.Module | ast.ClassDef, prefix: str, skips: int, helpers: Helpers, found: dict[str, PythonTest]) -> None:
    for child in _statements(node.body):
        if isinstance(child, Function) and child.name.startswith("test"):
            test = _test(child, prefix + child.name, skips, helpers)
            found[test.name] = test  # a second one of the same name is the one that runs
        elif isinstance(child, ast.ClassDef) and _is_collected(child):
            own = sum(_skips_of(decorator) for decorator in child.decorator_list)
            own += sum(_skips_of(line) for line in child.body if isinstance(line, ast.Assign))
            _collect(child, f"{prefix}{child.name}.", skips + own, helpers, found)


def _of_helper(node: Function) -> Counter[str]:
    """What one call of a helper asserts; what its own helpers do is not followed."""
    shapes: Counter[str] = Counter()
    for line in _reached(node.body):
        _weigh(line, 1, shapes, {}, 0)
    return shapes


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of ``if`` and ``try`` at the top as well."""
    for child in body:
        yield child
        if isinstance(child, ast.If):
            yield from _statements([*child.body, *child.orelse])
        elif isinstance(child, ast.Try):
            yield from _statements([*child.body, *child.orelse, *child.finalbody])


def _is_collected(node: ast.ClassDef) -> bool:
    if any(isinstance(line, ast.Assign) and "__test__ = False" in ast.unparse(line) for line in node.body):
        return False
    return node.name.startswith("Test") or any("Test" in ast.unparse(base) for base in node.bases)


def _test(node: Function, name: str, skips: int, helpers: Helpers) -> PythonTest:
    body = _reached(node.body)
    shapes: Counter[str] = Counter()
    for line in body:
        _weigh(line, 1, shapes, helpers, 0)
    rounds = _rounds_of_marks(node)
    own = sum(_skips_of(decorator) for decorator in node.decorator_list) + sum(_skips_of(line) for line in node.body)
    weight = rounds * shapes.total()
    return PythonTest(name, weight, shapes, skips + own, all(_says_nothing(line) for line in body), node.lineno)


def _reached(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements up to a bare ``return`` of the function itself."""
    cut = next((number for number, line in enumerate(body) if isinstance(line, ast.Return)), len(body))
    return body[:cut]


def _says_nothing(line: ast.stmt) -> bool:
    return isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)) or _is_always_true(line)


def _weigh(node: ast.AST, rounds: int, shapes: Counter[str], helpers: Helpers, depth: int) -> None:
    """Adds what the node asserts; what can never fail, or is caught, asserts nothing."""
    if depth > _DEEP or _never_runs(node):
        return
    if isinstance(node, ast.Assert):
        if not _is_always_true(node):
            shapes[_shape(node.test)] += rounds
        return
    if isinstance(node, ast.For):
        rounds *= _length(node.iter)
    if isinstance(node, ast.Call):
        called = _called(node)
        if called in helpers:
            for shape, times in helpers[called].items():
                shapes[shape] += times * rounds
        elif called.lstrip("_").startswith(_CHECKING):
            shapes[_shape(node)] += rounds
    for child in _heard(node):
        _weigh(child, rounds, shapes, helpers, depth + 1)


def _heard(node: ast.AST) -> list[ast.AST]:
    """The parts of a node whose failures come out: not what is tried where a failed assertion is caught."""
    if isinstance(node, ast.Try) and any(_swallows(handler) for handler in node.handlers):
        return [*node.orelse, *node.finalbody]
    return list(ast.iter_child_nodes(node))


def _never_runs(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Constant) and not node.test.value


def _is_always_true(node: ast.AST) -> bool:
    if not isinstance(node, ast.Assert):
        return False
    test = node.test
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else [test]
    return any(isinstance(part, ast.Constant) and bool(part.value) for part in parts)


def _swallows(handler: ast.ExceptHandler) -> bool:
    named = {_called(part) for part in ast.walk(handler.type)} if handler.type is not None else _SWALLOWING
    if not named & _SWALLOWING:
        return False
    kept = (ast.Raise, ast.Assert, ast.Call)
    return not any(isinstance(node, kept) for line in handler.body for node in ast.walk(line))


def _length(iterated: ast.expr) -> int:
    if isinstance(iterated, (ast.List, ast.Tuple, ast.Set)):
        return max(1, len(iterated.elts))
    return max(1, len(iterated.keys)) if isinstance(iterated, ast.Dict) else _UNKNOWN_ROUNDS


def _rounds_of_marks(node: Function) -> int:
    rounds = 1
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _called(decorator) == "parametrize" and len(decorator.args) > 1:
            rounds *= _length(decorator.args[1])
        elif isinstance(decorator, ast.Call) and _called(decorator) in {"given", "expand", "ddt", "data"}:
            rounds *= _UNKNOWN_ROUNDS
    return rounds


def _skips_of(node: ast.AST) -> int:
    return sum(_called(part) in _SKIPS for part in ast.walk(node) if isinstance(part, (ast.Attribute, ast.Name)))


def _called(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return _called(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _shape(node: ast.expr) -> str:
    """The expression with its values, and the names that stand for values, left out."""
    return ast.dump(_Shape().visit(ast.parse(ast.unparse(node), mode="eval")))


class _Shape(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        kept = node.func
        if not isinstance(kept, ast.Name):
            kept = self.visit(kept)
        return ast.Call(func=kept, args=[self.visit(arg) for arg in node.args], keywords=[])

    def visit_Name(self, _: ast.Name) -> ast.AST:
        return ast.Name(id="_", ctx=ast.Load())

    def visit_Constant(self, _: ast.Constant) -> ast.AST:
        return ast.Name(id="_", ctx=ast.Load())
