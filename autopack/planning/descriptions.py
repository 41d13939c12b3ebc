"""What each key of a plan file means, a sentence each, as editors show it."""

from typing import Final

DESCRIPTIONS: Final[dict[str, dict[str, str]]] = {
    "Plan": {
        "version": "The version of this format: 1.",
        "project": "A slug with which the ids of runs begin; default: the repository's name.",
        "goal": "One paragraph: what the whole run is for. Builder and auditor read it.",
        "base": "The commit to start from; default: HEAD.",
        "budget": "Caps of the whole run; the lower of plan and command line holds.",
        "instructions": "Files shown to builder and auditor, as the base commit has them; default: AGENTS.md, else CLAUDE.md.",
        "workspace": "How the run's own work tree is prepared before the first phase.",
        "defaults": "Any key of a phase but id, description and depends_on; mappings merge deeply, lists replace.",
        "phases": "The steps of the plan; each ends as one commit.",
        "final": "Checks of the whole branch before the run is complete.",
    },
    "Budget": {
        "max_usd": "Dollars; a call that could pass it is not sent.",
        "max_tokens": "Tokens, in and out, of all calls.",
        "max_hours": "Hours of work, waiting for rate limits included.",
    },
    "Workspace": {
        "setup": "Commands that install what the checks need. One string is one command.",
        "submodules": "Fill the submodules of the work tree from the clones of your checkout, without the network.",
        "link": "Ignored paths of your checkout that the work tree needs too, such as .venv. A string means a copy.",
    },
    "SetupStep": {
        "command": "A string for a shell, or a list of arguments without one.",
        "network": "Whether the command may reach the network.",
        "timeout_s": "Seconds after which the command is ended.",
        "env_from": "Names of environment variables that it is given; their values are redacted everywhere.",
        "again_when": "Patterns; the command runs again when a phase changed a file that matches.",
    },
    "Link": {
        "path": "A path from the repository's root.",
        "mode": "copy: a copy of its own; ro: seen but not writable; symlink: the very files of your checkout.",
    },
    "PhaseSpec": {
        "id": "Lower-case letters, digits, `.`, `_`, `-`, at most 64; unique. It becomes part of the commit's subject.",
        "description": "What to build, in as many words as it takes.",
        "task_category": "A free slug. In security, auth, payments, migrations and the like a major issue sends the change back; "
        "with complexity low, fix and the like may take no function or class away.",
        "complexity": "Chooses the models that build it.",
        "builder_mode": "How edits are asked for; auto chooses by the size of each file.",
        "depends_on": "Ids of phases that must be complete first; absent: the phase before; []: none.",
        "acceptance_criteria": "Sentences that the auditor judges one by one.",
        "scope": "What this phase may change and see.",
        "ci": "How it is checked: one command, or steps.",
        "derive": "Tools that make files from an edit: lock files, formatters, snapshots.",
        "allow_mass_deletion": "A file may shrink by more than 60 % (of 40 lines or more), or be deleted.",
        "allow_mass_addition": "A file may grow to more than 3 times its size (above 200 lines).",
        "allow_no_change": "An empty change counts as done; otherwise it is a failure.",
        "gate": "hold: a person looks at it before it lands.",
        "explore": "Whether builder and auditor may look for themselves with tools; auto: as the configuration says.",
        "max_attempts": "How often the builder may try.",
        "max_tokens": "Tokens of the phase, all roles together.",
        "max_usd": "Dollars of the phase, all roles together.",
    },
    "PhaseScope": {
        "paths": "What may be changed. Without `*` a file, or everything below a directory; `*` within a component, `**` across.",
        "read_only_context": "What is shown and may not be changed.",
        "may_add": "What a blocked builder may be given without asking.",
    },
    "Checks": {
        "steps": "Commands, in order; the first red one stops.",
        "baseline": "parent: failures that the parent commit has too are forgiven.",
        "cwd": "The directory the commands run in.",
        "network": "Whether the commands may reach the network.",
        "env": "Variables with literal values.",
        "env_from": "Names of environment variables that are handed through; their values are redacted everywhere, provider keys refused.",
        "expect": "red: a phase that only adds tests; its new tests must fail, and none may error at collection.",
        "flaky": "What happens with a test that fails and then passes on the same code.",
        "writes": "What becomes of files that a check writes outside of the scope: reported, or a failure of the attempt.",
        "changed_tests": "What becomes of tests that passed before and do not pass on the new code, where the builder insists: "
        "held for review, left to the auditor, or refused.",
        "log_on_success": "Whether the log of a green check is kept too.",
        "skip": "No check at all; needs a reason.",
        "reason": "Why there is no check.",
    },
    "CheckStep": {
        "command": "A string for a shell, or a list of arguments without one.",
        "name": "What the step is called in logs.",
        "timeout_s": "Seconds after which the command is ended.",
        "idle_timeout_s": "Seconds without output after which the command is ended.",
        "tests": "required: at least one test ran; none: the exit code alone counts; auto: required when test ids are known.",
        "results": "Where the command leaves its test results.",
    },
    "Results": {
        "format": "The format of the results.",
        "path": "The file, relative to cwd; may be a pattern.",
    },
    "Flaky": {
        "reruns": "How often a newly red result is run again.",
        "on_flaky": "What a test that then passes means.",
    },
    "DeriveStep": {
        "command": "A string for a shell, or a list of arguments; `{changed}` stands for the files of this edit that match.",
        "when": "Patterns; the tool runs only if the edit changed a file that matches. One string is one pattern.",
        "writes": "What it may write: `changed` (this edit's files) or patterns.",
        "network": "Whether the tool may reach the network.",
        "timeout_s": "Seconds after which the tool is ended.",
        "env_from": "Names of environment variables that it is given.",
    },
    "FinalChecks": {
        "steps": "Commands, in order; the first red one stops.",
    },
}
