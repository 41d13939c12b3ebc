"""Files that ``init`` offers beside the plan: targets for make, a GitHub Action, hooks of pre-commit. Each can be used as it is shipped."""

from typing import Final, NamedTuple

from autopack.planning.project_tests import ProjectTests
from autopack.planning.starter import BUDGET_USD
from autopack.settings.assets import assets


class Offer(NamedTuple):
    """``option`` of ``init`` writes ``file``, made from the shipped ``template``."""

    option: str
    file: str
    template: str
    what: str


OFFERS: Final = (
    Offer("--makefile", "autopack.mk", "Makefile", "targets for make"),
    Offer("--github-action", ".github/workflows/autopack.yml", "ci/github-action.yml", "a run on a GitHub runner"),
    Offer("--pre-commit", ".pre-commit-config.yaml", "ci/pre-commit-config.yaml", "hooks of pre-commit: is the plan sound?"),
)

CAPS: Final = {"Makefile": ("MAX_USD ?= 5\n",), "ci/github-action.yml": ('default: "5"\n', "'5' }}\n")}
"""Where a template says the cap, the number as it stands there."""

PLACE_OF_TOOLS: Final = "      # What your checks need beside python goes here: actions/setup-node, actions/setup-go, ...\n"
_NODE: Final = '      - uses: actions/setup-node@v4\n        with:\n          node-version: "lts/*"\n'
TOOLS: Final[dict[str, str]] = {
    "npm": _NODE,
    "yarn": _NODE,
    "pnpm": f"{_NODE}      - run: npm install -g pnpm\n",
    "bun": "      - uses: oven-sh/setup-bun@v2\n",
    "go": "      - uses: actions/setup-go@v5\n        with:\n          go-version-file: go.mod\n",
    "uv": "      - run: python -m pip install -q uv\n",
    "poetry": "      - run: python -m pip install -q poetry\n",
}
"""What a runner needs for a check that begins with this word, beyond what every runner has."""


def offered(offer: Offer, tests: ProjectTests | None, cap: int | None) -> str:
    """The template with the project's tools and a cap in dollars that does for its plan."""
    text = (assets("templates") / offer.template).read_text("utf-8")
    for place in CAPS.get(offer.template, ()):
        text = text.replace(place, place.replace("5", str(cap or BUDGET_USD)))
    tools = TOOLS.get(tests.command.split(" ")[0], "") if tests else ""
    return text.replace(PLACE_OF_TOOLS, tools) if tools else text
