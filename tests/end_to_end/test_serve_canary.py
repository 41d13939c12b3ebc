"""Keys and tokens are nowhere in what the server sends or logs: no body, no header, no stream, no page."""

import json
import re

import pytest
from joserfc.jwk import RSAKey

from tests.end_to_end.test_serve import serving
from tests.support.command import ONE, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

PROVIDER = "canary-provider-k3y-0001"
SHAPED = "sk-proj-" + "canary4Xyz0987" * 3
VERDICT = {
    "verdict": "approve",
    "confidence": 0.9,
    "summary": f"so {PROVIDER} and {SHAPED}",
    "criteria": [],
    "issues": [],
    "failure_kind": None,
}
OWN_PAIR = RSAKey.generate_key(2048, private=True).as_pem(private=True).decode()
"""A key that signs tokens, given by the environment."""


def _private_parts():
    """Runs of the key's body, as they would stand in any text of it."""
    body = "".join(OWN_PAIR.splitlines()[1:-1])
    return [body[start : start + 60] for start in range(600, len(body) - 60, 200)]


def test_no_answer_header_stream_or_log_holds_a_key_or_a_token(desk):
    """Every GET route of the app is asked, for the run, its phase and its file, with and without a token."""
    desk.plan(phase_of("one", gate="hold"))
    oracle = oracle_of(ONE)

    def talks(request):
        return json.dumps(VERDICT) if request.headers["x-autopack-role"] == "auditor" else oracle(request)

    keyed_env = {"AUTOPACK_JWT_PRIVATE_KEY": OWN_PAIR, "OPENAI_API_KEY": SHAPED}
    with scripted_server(talks) as server:
        keyed = desk.beside(server).with_env(ANTHROPIC_API_KEY=PROVIDER, **keyed_env)
        assert keyed.autopack("run", "--run-id", "r").exit_code == 4
        with serving(keyed) as served:
            token = keyed.autopack("serve", "token", "--scope", "steer").stdout.strip()
            begun = served.client.post("/api/auth/session", json={"code": served.code}, headers={"Origin": served.address})
            cookie = next(iter(served.client.cookies.values()))
            said = [begun.text]
            served.client.cookies.clear()
            for path in _paths():
                for asked in (None, token, "wrong.token.x"):
                    said += _answer(served, path, asked)
            served.running.send(15)
            served.running.end()
            said.append(served.log)
    secrets = {"provider": PROVIDER, "shaped": SHAPED, "token": token, "cookie": cookie, "code": served.code, "PEM": "PRIVATE KEY"}
    secrets |= {f"key {number}": part for number, part in enumerate(_private_parts())}
    everything = "\n".join(said)
    assert "redacted:" in everything, "what the model said was shown"
    assert [name for name, secret in secrets.items() if secret in everything] == []


def _paths():
    """Those of the app itself, so that a route that is added is asked too."""
    from autopack.dashboard.app import ROUTERS

    found = {route.path for router in ROUTERS for route in router.routes if "GET" in route.methods}
    filled = {re.sub(r"\{run_id\}", "r", re.sub(r"\{phase_id\}|\{phase\}", "one", path)) for path in found}
    assert len(filled) > 3
    return sorted(re.sub(r"\{[^}]*\}", "1", path) for path in filled)


def _answer(served, path, token):
    """Headers and body; of a stream what comes first."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with served.client.stream("GET", path, headers=headers) as answer:
        texts = [repr(answer.headers)]
        if "event-stream" not in answer.headers.get("content-type", ""):
            return [*texts, answer.read().decode("utf-8", "replace")]
        for line in answer.iter_lines():
            texts.append(line)
            if line.startswith(("data", ":")) and len(texts) > 40:  # it goes on until the server ends
                break
            if "run_held" in line:
                break
        return texts
