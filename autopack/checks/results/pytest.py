"""Gives the tests of pytest's JUnit report pytest's own names: ``tests/test_a.py::TestX::test_y[param]``."""

from collections.abc import Callable, Iterable, Iterator

from autopack.checks.results.cases import Case, Cases, Named

Exists = Callable[[str], bool]
"""Whether a path from the root of the work tree is a file."""


def is_pytest(cases: Cases) -> bool:
    return all("pytest" in case.suites[:1] for case in cases.cases) and bool(cases.cases)


def pytest_names(cases: Iterable[Case], exists: Exists) -> Iterator[Named]:
    modules: dict[str, str | None] = {}

    def module_file(module: str) -> str | None:
        if module not in modules:
            path = module.replace(".", "/") + ".py"
            modules[module] = path if exists(path) else None
        return modules[module]

    for case in cases:
        yield Named(pytest_id(case, module_file), case.outcome, case.text)


def pytest_id(case: Case, module_file: Callable[[str], str | None]) -> str:
    """The node id. Where a test is inherited, ``file`` is where it was written, not where it ran: then the class decides.

    Args:
        case: an entry of pytest's report, of either family (xunit2 has no ``file``).
        module_file: the file of a dotted module, or None.
    """
    if not case.classname:
        is_module = case.file is not None and case.name in (_module(case.file), case.file)
        return case.file if is_module and case.file else (module_file(case.name) or case.name)
    within = _within(case.classname, case.file) if case.file else None
    if within is None or case.file is None:
        parts = case.classname.split(".")
        for length in range(len(parts), 0, -1):
            found = module_file(".".join(parts[:length]))
            if found is not None:
                return "::".join((found, *parts[length:], case.name))
        return f"{case.classname}::{case.name}"
    return "::".join((case.file, *within, case.name))


def _within(classname: str, file: str) -> list[str] | None:
    """The classes inside the file that ``classname`` names; None where it names another module."""
    module = _module(file)
    if classname == module:
        return []
    _, found, rest = f".{classname}.".partition(f".{module}.")
    return [part for part in rest.split(".") if part] if found else None


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".").replace("\\", ".")
