"""Lists every command: its name, its function, its line in ``--help``. Typing a command loads its module."""

from typing import Final, NamedTuple


class Command(NamedTuple):
    """``target`` is ``module:function`` below ``autopack.cli.commands``; ``summary`` is the function's own first line."""

    target: str
    panel: str
    summary: str


BEGIN: Final = "Begin"
RUN: Final = "Run"
LOOK: Final = "Look"
STEER: Final = "Steer"
SET_UP: Final = "Set up"

COMMANDS: Final[dict[str, Command]] = {
    "demo": Command(
        "demo:demo", BEGIN, "Run a plan of four phases over a small project, from a journal written by hand: no key, no network."
    ),
    "init": Command("init:init", BEGIN, "Look at the project and write a starter plan and configuration."),
    "plan check": Command("plan:check", BEGIN, "Check a plan file and say everything that is wrong with it."),
    "plan new": Command(
        "plan_new:new", BEGIN, "Have a model make a plan of a goal; it is checked as every plan, and sent back with what is wrong."
    ),
    "plan hardening": Command(
        "plan_hardening:hardening", BEGIN, "Make a plan from a template, its scopes fitted to the files of this repository."
    ),
    "plan from-markdown": Command(
        "plan_from_markdown:from_markdown",
        BEGIN,
        "Make a plan of a document: headings, check lists, numbered steps, spec-kit's tasks.md, Task Master's tasks.json.",
    ),
    "plan templates": Command(
        "plan_hardening:templates", BEGIN, "List the templates of plans, shipped, your own and the repository's; `show NAME` prints one."
    ),
    "plan graph": Command("plan_graph:graph", BEGIN, "Draw the order of a plan's phases: a tree, or a Mermaid diagram."),
    "plan schema": Command("plan:schema", BEGIN, "Print the JSON Schema of a plan file, for editors."),
    "run": Command("run:run", RUN, "Make a run from a plan and work on it, or go on with it."),
    "resume": Command("run:resume", RUN, "Go on with a run where it stopped. Never makes one."),
    "stop": Command("stop:stop", RUN, "Ask the process that works on a run, wherever it was started, to stop after its step."),
    "status": Command("status:status", LOOK, "Show where a run stands. The exit code is that of its state."),
    "runs": Command("runs:runs", LOOK, "List the runs of this repository, newest first."),
    "show": Command("show:show", LOOK, "Explain a phase: its attempts, checks, verdict, commit, and what to do next."),
    "logs": Command("logs:logs", LOOK, "Print a run's log: events, the output of its checks, or its model calls."),
    "diff": Command("diff:diff", LOOK, "Print the change of a run's branch against its base, or of one phase against its parent."),
    "report": Command("report:report", LOOK, "Tell what landed, what did not and why, what to look at, and what it took."),
    "usage": Command("usage:usage", LOOK, "Show what a run used, by phase, role and model."),
    "errors list": Command("errors:list_errors", LOOK, "List what went wrong in a run, oldest first, and what resolved it."),
    "errors show": Command(
        "errors:show", LOOK, "Show one error: what was said, what was being done, the stack, versions, and what resolved it."
    ),
    "errors summary": Command(
        "errors:summary", LOOK, "Count what went wrong by kind, component and phase; those that are alike stand together."
    ),
    "errors journal": Command(
        "errors:journal", LOOK, "Tell of each failure that was overcome what it was, what was tried, and what resolved it."
    ),
    "approve": Command("steer:approve", STEER, "Let a phase land that is held for review."),
    "reject": Command("steer:reject", STEER, "Send a phase that is held for review back to the builder, with the reason."),
    "retry": Command(
        "steer:retry", STEER, "Give a held, failed, skipped or rolled-back phase fresh attempts, and what was skipped because of it."
    ),
    "skip": Command("steer:skip", STEER, "Do without a held phase, and without what depends on it."),
    "adopt": Command("steer:adopt", STEER, "Let a person's commits be the phase: they are checked and audited, and no builder is asked."),
    "rollback": Command("steer:rollback", STEER, "Take the run's branch back to where a phase had landed; the last one that is kept."),
    "journal export": Command(
        "journal:export", LOOK, "Print every model reply of a run as JSON lines, redacted, to be answered from with `run --replay`."
    ),
    "consolidate-docs": Command(
        "consolidate_docs:consolidate_docs",
        SET_UP,
        "Sort the documents that lie about into pages by kind, and move what was taken over aside.",
    ),
    "memory index": Command(
        "memory:index",
        SET_UP,
        "Bring what is remembered of the code up to the base commit, and give every entry a vector where a model for that is configured.",
    ),
    "memory search": Command(
        "memory:search",
        LOOK,
        "Look for what is remembered, by words, and by meaning where entries have vectors; a builder is reminded of what is alike enough.",
    ),
    "memory stats": Command(
        "memory:stats", LOOK, "Count what is remembered, by collection, and how much of it has a vector of the configured model."
    ),
    "memory prune": Command(
        "memory:prune",
        SET_UP,
        "Forget what is older than its days, as every run does when it starts, what is too much, and vectors of other models.",
    ),
    "tests flaky": Command("tests:flaky", LOOK, "List the project's tests that failed and passed on the same code, and how often."),
    "rules list": Command(
        "rules:list_rules", LOOK, "List the rules of the project: hints of runs, rules, and those that are not shown any more."
    ),
    "rules show": Command("rules:show", LOOK, "Show a rule whole: what it says, where it holds and came from, what became of it."),
    "rules add": Command("rules:add", SET_UP, "Add a rule of your own; it holds at once, also for a run that is under way."),
    "rules promote": Command(
        "rules:promote", SET_UP, "Make a rule of a hint, and write it into .autopack/rules.yaml, which a team shares by committing it."
    ),
    "rules deprecate": Command("rules:deprecate", SET_UP, "Show a rule to nobody any more; `rules promote` brings it back."),
    "rules export": Command(
        "rules:export",
        SET_UP,
        "Print the rules of the project in the shape of .autopack/rules.yaml, without hints and what has sunk.",
    ),
    "rules import": Command(
        "rules:import_rules", SET_UP, "Take the rules of a file over into the state of this project; what is known already stays as it is."
    ),
    "gc": Command(
        "gc:gc", SET_UP, "Take away what runs that are over have left and nobody needs. What is unmerged, held or can go on stays."
    ),
    "serve": Command("serve:serve", LOOK, "Show runs in a browser, live, and let a person answer what is held."),
    "serve token": Command("serve:token", SET_UP, "Print a token for programs; the server takes it as `Authorization: Bearer`."),
    "serve rotate-keys": Command(
        "serve:rotate_keys", SET_UP, "Sign with a new key from now on; what the old one signed holds until it expires."
    ),
    "models": Command("models:models", SET_UP, "Show which models are asked for what, and which of them have a key."),
    "doctor": Command(
        "doctor:doctor", SET_UP, "Look whether a run could work here; or, with a run, ask a doctor about a phase that failed or is held."
    ),
    "config show": Command("config:show", SET_UP, "Show the effective settings and where each came from."),
}

GROUPS: Final[dict[str, str]] = {
    "plan": "Make and check plans.",
    "memory": "What is remembered of the project from run to run.",
    "errors": "What went wrong, and what resolved it.",
    "tests": "What is known of the project's tests.",
    "rules": "What builders are to heed: what runs have learned from failures, and what people say.",
    "serve": "The server: who may look and steer.",
    "journal": "What the models were asked and answered.",
    "config": "The effective configuration.",
}
"""The first words of commands of two words."""
