"""What one types: for each command some lines that can be taken as they are but for names, and what they do. ``--help`` ends with them."""

from typing import Final

EXAMPLES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "demo": (("autopack demo", "see it once"), ("autopack demo --live --dir /tmp/chem", "the same with the models that your keys pay for")),
    "init": (
        ("autopack init", "a starter plan and configuration"),
        ("autopack init --makefile --github-action", "and targets for make, and a workflow for GitHub"),
    ),
    "plan check": (
        ("autopack plan check", "is autopack.yaml sound?"),
        ("autopack plan check night --run-checks", "and do the commands of .autopack/plans/night.yaml run here?"),
        ("autopack plan check --estimate", "what will it cost?"),
    ),
    "plan new": (
        ('autopack plan new "Visitors can search the shop" -o search.yaml --max-usd 2', "a plan of a goal"),
        ('autopack plan new "Visitors can search the shop" --kickoff > answers.yaml', "what is open, first"),
    ),
    "plan hardening": (
        ("autopack plan hardening --features auth,search -o hardening.yaml", "two features"),
        ("autopack plan hardening --scope auth=src/login/ --merge autopack.yaml", "added to a plan, with a place of your own"),
    ),
    "plan from-markdown": (
        ("autopack plan from-markdown TODO.md -o todo.yaml", "each open item a phase"),
        ("autopack plan from-markdown specs/001/tasks.md --merge autopack.yaml", "added to a plan"),
    ),
    "plan templates": (
        ("autopack plan templates", "which there are"),
        ("autopack plan templates show hardening", "what one of them holds"),
    ),
    "plan graph": (("autopack plan graph", "as a tree"), ("autopack plan graph night --mermaid", "as a Mermaid diagram")),
    "plan schema": (("autopack plan schema > plan.schema.json", "for your editor"),),
    "run": (
        ("autopack run --max-usd 5", "make a run, or go on with the newest one"),
        ("autopack run --plan night --max-usd 5 --until 07:00", "a night with caps"),
        ("autopack run --dry-run", "what would be asked, and what it would cost"),
        ("autopack run --json", "events for a program, one a line"),
    ),
    "resume": (
        ("autopack resume", "the newest run, where it stopped"),
        ("autopack resume shop-1 --max-usd 10", "with a higher cap"),
        ("autopack resume shop-1 --accept-plan-change", "with the plan as it is now"),
    ),
    "stop": (("autopack stop", "the newest run, after its step"),),
    "status": (
        ("autopack status", "the newest run"),
        ("autopack status shop-1 --watch", "look on until it ends"),
    ),
    "runs": (("autopack runs", "the newest first"), ("autopack runs --json", "for a program")),
    "show": (
        ("autopack show add-basket", "a phase of the newest run"),
        ("autopack show shop-1 add-basket --json", "for a program"),
    ),
    "logs": (
        ("autopack logs --follow", "what happens in the newest run, as it happens"),
        ("autopack logs shop-1 add-basket --check --attempt 2", "what the checks of an attempt printed"),
        ("autopack logs add-basket --model", "what the models were asked and answered"),
    ),
    "diff": (
        ("autopack diff --stat", "which files the newest run changes"),
        ("autopack diff shop-1 add-basket | git apply", "one phase, into your checkout"),
    ),
    "report": (
        ("autopack report", "write the page and say where it is"),
        ('autopack report --md >> "$GITHUB_STEP_SUMMARY"', "into a CI job's summary"),
    ),
    "serve": (
        ("autopack serve --open", "in your browser, until Ctrl-C"),
        ("autopack serve --repo ~/shop --repo ~/api --port 8200", "the runs of two repositories"),
    ),
    "serve token": (("autopack serve token", "for a program"),),
    "serve rotate-keys": (("autopack serve rotate-keys --now", "nobody is let in with what was signed before"),),
    "usage": (
        ("autopack usage", "the newest run, call by call summed up"),
        ("autopack usage --by day --since 7d", "a week of this repository"),
    ),
    "errors list": (("autopack errors list", "of the newest run"), ("autopack errors list --all", "of all runs")),
    "errors show": (("autopack errors show", "the newest error"), ("autopack errors show shop-1 2", "the second one of a run")),
    "errors summary": (("autopack errors summary --all", "what goes wrong most, over all runs"),),
    "errors journal": (("autopack errors journal", "what was overcome, and by what"),),
    "approve": (
        ('autopack approve add-basket --note "Looked at the rounding."', "let it land"),
        ("autopack approve shop-1 add-basket --override audit", "although the auditor is against it"),
    ),
    "reject": (('autopack reject add-basket --note "Prices are whole cents."', "back to the builder, who is told"),),
    "retry": (
        ('autopack retry add-basket --note "Sort before you look up."', "fresh attempts with a hint"),
        ("autopack retry shop-1 add-basket --model opus --add-scope src/model.py", "another model, one more file"),
    ),
    "skip": (('autopack skip add-voucher --note "Not this year."', "do without it"),),
    "adopt": (
        ("autopack adopt add-basket", "your commits on the run's branch are the phase"),
        ("autopack adopt shop-1 add-basket --commit HEAD", "this commit is"),
    ),
    "rollback": (("autopack rollback --to add-model", "the branch as it was when that phase had landed"),),
    "journal export": (
        ("autopack journal export shop-1 -o shop-1.jsonl", "every reply"),
        ("autopack journal export | head -1", "what the journal is of"),
    ),
    "consolidate-docs": (
        ("autopack consolidate-docs --dry-run --explain", "what would go where, and why"),
        ("autopack consolidate-docs notes/ PLAN.md", "these too, whatever the configuration says"),
        ("autopack consolidate-docs --undo", "as it was"),
    ),
    "memory index": (("autopack memory index", "the code of HEAD"), ("autopack memory index --base main --project api", "of a branch")),
    "memory search": (
        ('autopack memory search "vouchers are rounded"', "by words and meaning"),
        ("autopack memory search test_sorted --collection errors_ci --limit 3", "earlier failures alone"),
    ),
    "memory stats": (("autopack memory stats", "how much is remembered"),),
    "memory prune": (("autopack memory prune", "forget what is old"),),
    "tests flaky": (("autopack tests flaky", "those seen most often first"),),
    "rules list": (("autopack rules list", "what builders are to heed"),),
    "rules show": (("autopack rules show r-1a2b3c4d", "one of them whole"),),
    "rules add": (('autopack rules add "Prices are integers of cents." --path src/shop/', "for phases that may change that folder"),),
    "rules promote": (("autopack rules promote r-1a2b3c4d", "share it with the team"),),
    "rules deprecate": (("autopack rules deprecate r-1a2b3c4d", "show it to nobody any more"),),
    "rules export": (("autopack rules export -o rules.yaml", "for another repository"),),
    "rules import": (("autopack rules import ../api/rules.yaml", "from another repository"),),
    "gc": (
        ("autopack gc --dry-run", "what would go"),
        ("autopack gc --max-size 2G", "younger runs too, until 2 GB are left"),
        ("autopack gc --archive --older-than 8w", "records of old runs into one file each"),
    ),
    "models": (("autopack models", "who is asked for what"),),
    "doctor": (
        ("autopack doctor --online", "could a run work here, and does every model answer?"),
        ("autopack doctor shop-1 add-basket --apply", "have a failed phase looked at, and do what is advised"),
    ),
    "config show": (("autopack config show", "every setting and where it came from"),),
}
