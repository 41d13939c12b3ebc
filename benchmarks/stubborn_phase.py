"""What a night with stubborn phases costs: their calls and tokens, by one checkout of Autopack and by another.

usage: python benchmarks/stubborn_phase.py NAME=CHECKOUT [NAME=CHECKOUT ...]

A checkout is a folder that holds the package, such as a work tree of an earlier commit; this one is `now=.`. The models are played by a
server on loopback, whose builder writes something else that is wrong each time.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.command import phase_of, plan_of, shell_environment  # noqa: E402 - the tests lie beside this folder
from tests.support.repos import make_repo  # noqa: E402 - as above
from tests.support.server import Call, scripted_server  # noqa: E402 - as above

RED = {"command": "! grep -q wrong *.txt", "tests": "none", "timeout_s": 30}
CASES = {"one phase that nobody solves": (1, ""), "one that the greater model solves": (1, "opus"), "ten that nobody solves": (10, "")}
SAID = {
    "auditor": {"verdict": "approve", "confidence": 0.9, "issues": [], "criteria": [], "summary": "As asked."},
    "replanner": {"description": "Write it.", "acceptance_criteria": [], "builder_mode": None, "approach": "Begin with the second line."},
    "doctor": {"action": "retry_with_fix", "confidence": 0.9, "rationale": "A word is wrong.", "hint": "Say two.", "failure_kind": None},
}


def played(solver: str) -> Any:
    def answer(request: Any) -> Any:
        role, phase, attempt = (request.headers[f"x-autopack-{name}"] for name in ("role", "phase", "attempt"))
        text = "two\n" if solver and solver in request.model else f"wrong {attempt}\n"
        built = {"summary": "s", "files": [{"path": f"{phase}.txt", "action": "replace", "content": text}], "blocked": None}
        said = json.dumps(built if role == "builder" else SAID[role])
        choice = request.body.get("tool_choice")
        return {"tools": [{"name": choice["name"], "raw": said}]} if isinstance(choice, dict) and "name" in choice else {"text": said}

    return answer


def run(checkout: Path, count: int, solver: str) -> tuple[int, list[Call], dict[str, Any]]:
    """Exit code, calls, and what `status` says was used."""
    names = [f"p{number}" for number in range(count)]
    with tempfile.TemporaryDirectory() as folder, scripted_server(played(solver)) as server:
        repo = make_repo(Path(folder) / "shop", {f"{name}.txt": "one\n" for name in names})
        plan = plan_of(*(phase_of(name, f"{name}.txt", ci=RED, depends_on=[]) for name in names))
        (repo / "autopack.yaml").write_text(json.dumps(plan), "utf-8")
        own = {"AUTOPACK_SANDBOX": "off", "PYTHONPATH": str(checkout)}
        shell = {**shell_environment(Path(folder)), **server.environment(), **own}
        if not (checkout / "autopack" / "executor" / "waiting.py").exists():
            del shell["AUTOPACK_MAX_WAIT_HOURS"]  # an earlier version does not know it
        command = [sys.executable, "-m", "autopack"]
        done = subprocess.run([*command, "run", "--run-id", "r"], cwd=repo, env=shell, capture_output=True, check=False)
        told = subprocess.run([*command, "status", "r", "--json"], cwd=repo, env=shell, capture_output=True, check=False)
        assert told.stdout, f"{done.stderr.decode()}{told.stderr.decode()}"
        return done.returncode, list(server.calls), json.loads(told.stdout)["usage"]


def main() -> None:
    checkouts = [word.partition("=") for word in sys.argv[1:]] or [("now", "=", str(ROOT))]
    for case, (count, solver) in CASES.items():
        print(case)
        for name, _, folder in checkouts:
            code, calls, used = run(Path(folder).resolve(), count, solver)
            asked = Counter(call.role for call in calls)
            roles = ", ".join(f"{number} {role}" for role, number in asked.items())
            read = sum(used[kind] for kind in ("input_tokens", "cache_read_tokens", "cache_write_tokens"))
            tokens = f"{read:,} tokens in, {used['output_tokens']:,} out, ${used['usd']:.4f}"
            print(f"  {name}: {len(calls)} calls ({roles}), {tokens}, exit code {code}", flush=True)


if __name__ == "__main__":
    main()
