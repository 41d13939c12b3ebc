"""The tables of docs/recovery.md are made from the code: `python -m tests.docs.test_recovery` writes them anew."""

from pathlib import Path

import pytest

from autopack.core.failure import FAULTS, RULES
from autopack.core.models_settings import ModelsSettings
from autopack.recovery.doctor import ACTIONS
from autopack.recovery.policy import ROWS
from autopack.settings.effective import load_settings
from tests.end_to_end.test_fault_matrix import CELLS
from tests.support.check_faults import SAMPLES
from tests.support.fault_matrix import FAULTS as WIRE_FAULTS
from tests.support.fault_matrix import POINTS

PAGE = Path(__file__).parents[2] / "docs" / "recovery.md"
KEYS = ("complexity_escalation", "replan", "doctor_models", "doctor", "health_budget")


def _table(head, rows):
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _rows():
    return _table(("row", "applies when", "what follows"), [(f"`{row.name}`", row.when, row.remedy.replace("_", " ")) for row in ROWS])


def _types():
    kinds = {}
    for kind, rule in RULES.items():
        kinds.setdefault(rule.label, []).append(f"`{kind}`")
    return _table(("type", "kinds of failure"), [(f"`{label}`", ", ".join(found)) for label, found in kinds.items()])


def _faults():
    def sample(fault):
        return ", ".join(f"{tool} `{line.strip()}`" for one, tool, line in SAMPLES if one == fault)

    return _table(("fault", "the builder reads", "for instance"), [(f"`{fault}`", told, sample(fault)) for fault, told in FAULTS.items()])


def _actions():
    return _table(("action", "what follows"), [(f"`{action}`", says) for action, says in ACTIONS.items()])


def _settings():
    models = ModelsSettings()
    rows = []
    for key in KEYS:
        for name, value in getattr(models, key).model_dump(mode="json").items():
            rows.extend([(f"`{key}.{name}`", _shown(value))])
    return _table(("key", "value"), rows)


def _shown(value):
    if isinstance(value, dict):
        return "`{" + ", ".join(f"{name}: {item}" for name, item in value.items()) + "}`"
    return "`" + (f"[{', '.join(value)}]" if isinstance(value, list) else str(value).lower()) + "`"


def _matrix():
    """Faults that come to the same stand in one row."""
    rows = {}
    for name, row in CELLS.items():
        rows.setdefault(tuple(_cell(row[point]) for point in POINTS), []).append(f"{name} ({WIRE_FAULTS[name].says})")
    return _table(("fault", *POINTS), [("; ".join(names), *cells) for cells, names in rows.items()])


def _cell(cell):
    ending = f"exit code {cell.exit_code}" if cell.exit_code else ""
    return ", ".join(filter(None, (f"`{cell.asked}`", cell.decided.replace(" ", ", "), ending)))


TABLES = {"matrix": _matrix, "rows": _rows, "types": _types, "faults": _faults, "actions": _actions, "settings": _settings}


@pytest.mark.parametrize("mark", TABLES)
def test_each_table_is_the_one_of_the_code(mark):
    assert f"<!-- {mark} -->\n{TABLES[mark]()}<!-- /{mark} -->" in PAGE.read_text("utf-8")


def test_the_shipped_values_are_the_defaults():
    shipped = load_settings(None, {"XDG_CONFIG_HOME": "/nonexistent"}).settings.models
    assert [getattr(shipped, key) for key in KEYS] == [getattr(ModelsSettings(), key) for key in KEYS]


def _write():
    text = PAGE.read_text("utf-8")
    for mark, table in TABLES.items():
        begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
        text = text[: text.index(begin) + len(begin)] + table() + text[text.index(end) :]
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    _write()
