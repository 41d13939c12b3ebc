"""What each page of the documents takes for granted when its shell examples are run, what the models answer there, and what cannot be run."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.command import FILES, Desk, oracle_of, phase_of, plan_of
from tests.support.repos import commit_files

Script = Callable[[Any], Any]

NOT_RUN: Final[dict[tuple[str, str], str]] = {
    ("README.md", "make demo"): "makes this very environment; tests/end_to_end/test_main_demo.py runs `autopack demo`",
    ("docs/contributing.md", "git clone ... && cd autopack"): "clones Autopack, then runs all of its tests, of which this is one",
    ("docs/reliability.md", "make test"): "all tests, then an hour of crashes; tests/crash runs a sample",
    ("docs/howto/night.md", "nohup autopack run --run-id night-1 --max-usd 5 --until 07:00 --max-wait 8h > night.log 2>&1 &"): (
        "goes on in the background until seven; the same page runs `autopack run` in front"
    ),
    ("docs/server.md", "pip install 'autopack[server]'"): "asks an index, then serves until Ctrl-C; tests/dashboard/test_serve.py serves",
    ("docs/server.md", "AUTOPACK_REPO=/path/to/repository python -m uvicorn autopack.main:app --host 127.0.0.1 --port 8100"): (
        "serves until it is ended; tests/dashboard/test_serve.py serves"
    ),
    (
        "docs/server.md",
        'curl -H "Authorization: Bearer $(autopack serve token)" http://127.0.0.1:8100/api/auth/session',
    ): "asks a server of port 8100",
    ("docs/server.md", 'ask() { curl -s -H "Authorization: Bearer $TOKEN" "$@"; }'): "asks a server of port 8100",
    ("docs/server.md", "autopack serve --host 0.0.0.0 --port 8443 --allow-host ap.example --tls-cert cert.pem --tls-key key.pem"): (
        "serves until Ctrl-C, to other machines; tests/dashboard/test_serve.py serves"
    ),
}
"""A page and the first line of a block or command: why nobody runs it. Everything else is run."""


@dataclass(frozen=True)
class Story:
    """``prepare`` makes what the page begins with; ``folder`` is where its shell stands, beside or in the repository `shop`."""

    script: Script
    files: Mapping[str, str | bytes] = field(default_factory=lambda: FILES)
    prepare: Callable[[Desk], None] = lambda _: None
    folder: str = "shop"
    name: str = "shop"
    has_key: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)


def _nobody(request: Any) -> str:
    return "ok"


def judging(script: Script, evidence: Mapping[str, Mapping[str, str]]) -> Script:
    """The same model; as auditor it judges each criterion of a phase as met, by that evidence."""

    def answer(request: Any) -> Any:
        found = script(request)
        criteria = evidence.get(request.headers.get("x-autopack-phase", ""))
        if request.headers.get("x-autopack-role") != "auditor" or not criteria or not isinstance(found, dict):
            return found
        text = json.dumps([{"criterion": name, "met": True, "evidence": why} for name, why in criteria.items()])
        return json.loads(json.dumps(found).replace(json.dumps('"criteria": []')[1:-1], json.dumps(f'"criteria": {text}')[1:-1]))

    return answer


def _ran(*words: str, codes: tuple[int, ...] = (0,)) -> Callable[[Desk], None]:
    def prepare(desk: Desk) -> None:
        done = desk.autopack(*words)
        assert done.exit_code in codes, done.stderr

    return prepare


# The README: a project whose README lacks a section, as the starter plan asks for one.

README: Final = {"README.md": "# Shop\n", "Makefile": "test:\n\ttrue\n"}


# The tutorial: an empty folder, and what a builder makes of two phases.

TALLY: Final = (
    "def tally(text):\n    counts = {}\n    for word in text.split():\n        counts[word] = counts.get(word, 0) + 1\n    return counts\n"
)
TALLY_TEST: Final = 'from tally import tally\n\n\ndef test_words_are_counted():\n    assert tally("a b a") == {"a": 2, "b": 1}\n'
TUTORIAL: Final = judging(
    oracle_of(
        {
            "ignore-case": {
                "tally.py": TALLY.replace("text.split()", "text.lower().split()"),
                "test_tally.py": TALLY_TEST + '\n\ndef test_case_does_not_count():\n    assert tally("The the") == {"the": 2}\n',
            },
            "command": {
                "main.py": "import sys\nfrom pathlib import Path\n\nfrom tally import tally\n\ncounts = tally(Path(sys.argv[1]).read_text())\n"
                "for word in sorted(counts, key=lambda word: -counts[word]):\n    print(word, counts[word])\n"
            },
        },
        {"tally.py": TALLY, "test_tally.py": TALLY_TEST},
    ),
    {
        "ignore-case": {
            "`The the` gives {'the': 2}": "test_case_does_not_count, which fails without the change",
            "a test shows it": "test_tally.py has one more test",
        },
        "command": {"the most frequent word comes first": "main.py, line 7: sorted by -counts[word]"},
    },
)
QUICK_PYTEST: Final = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "AUTOPACK_CHECKS__ENV_KEEP": "[PYTEST_DISABLE_PLUGIN_AUTOLOAD]"}
"""Without the plugins that are installed beside this pytest."""


# The night: a plan of one phase, sound and cheap.


def _planned(*phases: Mapping[str, Any], **keys: Any) -> Callable[[Desk], None]:
    def prepare(desk: Desk) -> None:
        commit_files(desk.repo, {"autopack.yaml": json.dumps(plan_of(*phases, **keys), indent=1) + "\n"}, "plan")

    return prepare


# The morning: one phase landed, one waits for a person, one failed.

SHOP: Final = {
    "basket.py": "ITEMS = []\n",
    "voucher.py": "VOUCHERS = {}\n",
    "model.py": "PRICE = 1\n",
    "check.sh": "! grep -n 0.5 voucher.py\n",
}


def _morning(desk: Desk) -> None:
    _planned(
        phase_of("add-model", "model.py", description="Prices are whole cents."),
        phase_of(
            "add-basket", "basket.py", description="total() sums up what is in the basket.", gate="hold",
            acceptance_criteria=["an empty basket costs nothing"],
        ),
        phase_of("add-voucher", "voucher.py", description="The voucher `spring` takes off half a euro.", depends_on=["add-model"], max_attempts=1),
        goal="Visitors pay what is in their basket.",
    )(desk)  # fmt: skip
    _ran("run", "--run-id", "night-1", "--max-usd", "5", codes=(4,))(desk)


def _night_answers() -> Script:
    good = {
        "add-model": {"model.py": "PRICE = 100\n"},
        "add-basket": {"basket.py": "ITEMS = []\n\n\ndef total():\n    return sum(ITEMS)\n"},
        "add-voucher": {"voucher.py": 'VOUCHERS = {"spring": 50}\n'},
    }
    right = oracle_of(good, SHOP)
    wrong = oracle_of({**good, "add-voucher": {"voucher.py": 'VOUCHERS = {"spring": 0.5}\n'}}, SHOP)
    evidence = {"add-basket": {"an empty basket costs nothing": "basket.py, line 5: the sum of nothing is 0"}}
    return judging(lambda request: (wrong if request.headers.get("x-autopack-attempt") == "1" else right)(request), evidence)


# The gateway: any model of any name answers.


def _gateway(request: Any) -> Any:
    return oracle_of({"one": {"app.txt": "two\n"}})(request) if request.headers.get("x-autopack-phase") == "one" else "ok"


# The monorepo: an API and a front, each with its check.

MONOREPO: Final = {
    "services/api/health.py": "def up():\n    return True\n",
    "services/api/test_health.py": "import unittest\n\nimport health\n\n\nclass Up(unittest.TestCase):\n    def test_up(self):\n        self.assertTrue(health.up())\n",
    "apps/web/index.html": "<p>shop</p>\n",
    "apps/web/check.sh": "grep -q '<p>' index.html\n",
}
MONOREPO_ANSWERS: Final = oracle_of(
    {
        "ready": {"services/api/health.py": MONOREPO["services/api/health.py"] + "\n\ndef ready():\n    return True\n"},
        "show-ready": {"apps/web/index.html": '<p>shop</p>\n<p id="ready"></p>\n'},
    },
    MONOREPO,
)


# Plans: a planner with and without questions.

PHASE: Final = {
    "id": "search",
    "description": "Visitors search the shop: shop.py finds articles by words.",
    "task_category": "feature",
    "complexity": "low",
    "depends_on": [],
    "acceptance_criteria": ["an article is found by a word of its name"],
    "scope": {"paths": ["shop.py"], "read_only_context": []},
    "max_attempts": 4,
    "max_tokens": 200000,
}
PLANS: Final = {
    "shop.py": "ARTICLES = []\n\n\ndef search(words):\n    return []\n",
    "auth/login.py": "def login(name, password):\n    return None\n",
    "tests/test_search.py": "def test_nothing():\n    pass\n",
    "Makefile": "test:\n\ttrue\n",
    "docs/roadmap.md": "# Roadmap\n\nThe shop is found.\n\n1. Let `shop.py` find articles\n2. Let `auth/login.py` refuse empty names\n",
    "TODO.md": "# To do\n\n- [ ] Let `shop.py` find articles\n- [x] Write it down\n",
}


def _planner(request: Any) -> Any:
    asked = request.headers["x-autopack-phase"]
    if asked == "questions":
        found: Any = {"questions": [{"id": "how", "question": "By which words?", "why": "Two plans.", "default": "By names."}]}
    elif asked in ("research", "analysis"):
        found = {"findings": [{"fact": "shop.py is all there is", "paths": ["shop.py"]}]}
    else:
        found = {"version": 1, "goal": "Visitors can search the shop.", "phases": [PHASE]}
    return {"text": json.dumps(found)}


# The plan file: a run that is held, and a plan that has changed since.


def _changed(desk: Desk) -> None:
    _planned(phase_of("one", gate="hold"))(desk)
    _ran("run", "--run-id", "shop-1", codes=(4,))(desk)
    _planned(phase_of("one", description="Let the app say two."))(desk)


# Documents that lie about.

DOCUMENTS: Final = {
    "README.md": "# Shop\n\n[Plan](PLAN.md)\n",
    "PLAN.md": "# Plan\n\nGoals.\n",
    "notes/login-bug.md": "# Login crashes\n\nThe traceback.\n",
    "app.py": "x = 1\n",
}


# The command line: a phase that was refused, was red, and landed; a test that comes and goes; rules of a person and of a run.

BASKET: Final = "LINES = []\n\n\ndef lines():\n    return LINES\n"
CLI: Final = {
    "src/basket.py": BASKET,
    ".autopack/rules.yaml": "rules:\n  - text: Prices are integers of cents.\n    paths: [src/shop/]\n",
}


def _cli(desk: Desk) -> None:
    count = desk.home.parent / "count"
    coin = f"n=$(cat {count} 2>/dev/null || echo 0); n=$((n + 1)); echo $n > {count}; [ $((n % 3)) -ne 0 ]"
    check = (
        f"echo 1..3; echo ok 1 tests/test_model.py::test_price; bad=0\n"
        'if grep -q "return LINES$" src/basket.py || grep -q sorted src/basket.py; then echo ok 2 tests/test_basket.py::test_sorted\n'
        "else echo not ok 2 tests/test_basket.py::test_sorted; bad=1; fi\n"
        f"if {coin}; then echo ok 3 tests/test_feed.py::test_order\n"
        "else echo not ok 3 tests/test_feed.py::test_order; bad=1; fi; exit $bad"
    )
    commit_files(desk.repo, {"check.sh": check + "\n"}, "check")
    ci = {"command": "sh check.sh", "results": {"format": "tap"}, "timeout_s": 60}
    _planned(phase_of("add-basket", "src/basket.py", task_category="feature", ci=ci))(desk)
    _ran("run", "--run-id", "shop-1")(desk)


def _cli_answers(request: Any) -> Any:
    attempt = request.headers.get("x-autopack-attempt")
    texts = {"1": BASKET.replace("return LINES", "return list(LINES)"), "2": BASKET.replace("return LINES", "return list(LINES)")}
    answer = oracle_of({"add-basket": {"src/basket.py": texts.get(attempt, BASKET.replace("return LINES", "return sorted(LINES)"))}}, CLI)
    if attempt == "1" and request.headers.get("x-autopack-role") == "builder":
        answer = oracle_of({"add-basket": {"src/elsewhere.py": "x = 1\n"}}, CLI)
    return answer(request)


STORIES: Final[dict[str, Story]] = {
    "README.md": Story(
        oracle_of({"say-how-to-check": {"README.md": "# Shop\n\n## Development\n\n`make test`\n"}}, README), README,
        folder="", name="your/repository", has_key=False, variables={"EDITOR": "true"},
    ),
    "docs/tutorial.md": Story(TUTORIAL, folder="", has_key=False, variables=QUICK_PYTEST),
    "docs/howto/night.md": Story(oracle_of({"one": {"app.txt": "two\n"}}), prepare=_planned()),
    "docs/howto/morning.md": Story(_night_answers(), SHOP, prepare=_morning),
    "docs/howto/gateway.md": Story(_gateway, prepare=_planned(), has_key=False),
    "docs/howto/monorepo.md": Story(MONOREPO_ANSWERS, MONOREPO),
    "docs/howto/ci.md": Story(oracle_of({"one": {"app.txt": "two\n"}}), prepare=_planned()),
    "docs/plans.md": Story(_planner, PLANS),
    "docs/plan_file.md": Story(oracle_of({"one": {"app.txt": "two\n"}}), prepare=_changed),
    "docs/documents.md": Story(_nobody, DOCUMENTS),
    "docs/server.md": Story(_nobody),
    "docs/cli.md": Story(_cli_answers, CLI, prepare=_cli, variables={"AUTOPACK_SANDBOX": "off"}),
}  # fmt: skip
