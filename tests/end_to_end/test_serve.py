"""The server as its user starts it: its address, its tokens, how it ends, what keeps it from starting; and a run that it goes on with."""

import socket
import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.command import ONE, Desk, oracle_of, phase_of, refusal
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is refused
PACKAGES = ("fastapi", "joserfc", "jinja2", "starlette", "uvicorn")
WITHOUT = f"""
import sys
from autopack.__main__ import main
sys.modules.update(dict.fromkeys({PACKAGES!r}))
main()
"""
TELLING = f"""
import atexit, sys
from autopack.__main__ import main
atexit.register(lambda: print(sorted({{*{PACKAGES!r}, 'autopack.dashboard'}} & set(sys.modules)), file=sys.stderr))
main()
"""


class Served:
    """A server that runs: its address, the code that it printed, a client of its own."""

    def __init__(self, running):
        self.running = running
        self.address, _, self.code = running.out.read_text("utf-8").strip().partition("/#code=")
        self.client = httpx2.Client(base_url=self.address, trust_env=False, timeout=60)

    @property
    def log(self):
        return self.running.err.read_text("utf-8")

    def get(self, path, token=None):
        return self.client.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})


@contextmanager
def serving(desk, *words):
    with desk.start("serve", "--port", "0", *words) as running:
        running.until(lambda: "Application startup complete" in running.err.read_text("utf-8"))
        served = Served(running)
        with served.client:
            yield served


def test_it_prints_and_opens_one_address_whose_code_makes_a_session_and_ends_when_told_to(desk, tmp_path):
    opened = tmp_path / "opened"
    with serving(desk.with_env(BROWSER=f"/bin/sh -c 'echo %s >{opened}'"), "--open") as served:
        assert served.running.out.read_text("utf-8").count("\n") == 1
        served.running.until(lambda: opened.exists() and opened.read_text().strip() == f"{served.address}/#code={served.code}")
        assert served.get("/health").json() == {"schema": 1, "status": "ok"}
        begun = served.client.post("/api/auth/session", json={"code": served.code}, headers={"Origin": served.address})
        assert begun.status_code == 200, begun.text
        assert f"autopack_{served.address.rpartition(':')[2]}=" in begun.headers["set-cookie"]
        assert served.get("/api/auth/session").json()["scope"] == "steer"
        served.running.send(15)
        assert served.running.end().exit_code == -15
    assert not (desk.repo / ".git" / "autopack").exists()
    assert desk.git("status", "--porcelain") == ""


def test_it_ends_open_streams_when_it_is_told_to_end(desk):
    """A stream of a run goes on for ever by itself."""
    desk.plan(phase_of("one", gate="hold"))
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 4
    with serving(desk) as served:
        headers = {"Authorization": f"Bearer {desk.autopack('serve', 'token').stdout.strip()}"}
        with served.client.stream("GET", "/runs/r/events", headers=headers) as open_stream:
            lines = open_stream.iter_lines()
            assert next(line for line in lines if "run_held" in line)
            served.running.send(15)
            assert [line for line in lines if "run_held" in line] == []
        assert served.running.end().exit_code == -15
        assert "Cancel" not in served.log, "they ended by themselves"


def test_tokens_of_the_command_are_taken_and_end_when_all_keys_are_rotated_while_it_runs(desk):
    with serving(desk) as served:
        token = desk.autopack("serve", "token", "--ttl", "10m").stdout.strip()
        assert served.get("/api/auth/session", token).json()["scope"] == "read"
        kid = served.get("/api/auth/key-status", token).json()["kid"]
        assert desk.autopack("serve", "rotate-keys").exit_code == 0
        told = served.get("/api/auth/key-status", token).json()
        assert (told["kid"] == kid, [other["kid"] for other in told["others"]]) == (False, [kid])
        assert desk.autopack("serve", "rotate-keys", "--now").exit_code == 0
        assert served.get("/api/auth/session", token).status_code == 401


def test_its_log_holds_neither_tokens_nor_codes_nor_what_stands_behind_a_question_mark(desk):
    with serving(desk) as served:
        token = desk.autopack("serve", "token").stdout.strip()
        served.get("/api/auth/session", token)
        served.get(f"/api/auth/session?token={token}&code={served.code}", token)
        served.client.post("/api/auth/session", json={"code": served.code}, headers={"Origin": served.address})
        cookie = next(iter(served.client.cookies.values()))
        served.running.send(15)
        served.running.end()
        assert served.log.count('"GET /api/auth/session HTTP/1.1" 200') == 2
        assert [secret for secret in (token, served.code, cookie) if secret in served.log] == []


def test_a_request_whose_token_has_a_hundred_thousand_characters_is_refused_and_the_server_lives(desk):
    with serving(desk) as served:
        assert served.get("/api/auth/session", "A" * 100_000).status_code in {400, 401, 431}
        assert served.get("/health").status_code == 200


def test_a_taken_port_is_a_sentence(desk):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = f"port {port} of 127.0.0.1 is taken: another program listens there. Choose another with --port."
        assert said in refusal(desk.autopack("serve", "--port", port), 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--host", EVERYWHERE), "--host 0.0.0.0 lets other machines in: give --allow-host NAME"),
        (("--host", EVERYWHERE, "--allow-host", "ap.example"), "--allow-host needs TLS"),
        (("--behind-proxy",), "--behind-proxy needs --allow-host NAME"),
        (("--tls-cert", "cert.pem"), "--tls-cert and --tls-key belong together"),
        (("--tls-cert", "none.pem", "--tls-key", "none.pem"), "none.pem is no file"),
        (("--tls-cert", "app.txt", "--tls-key", "app.txt"), "app.txt and app.txt are no certificate with its key"),
        (("--behind-proxy", "--allow-host", "https://ap.example/"), "--allow-host https://ap.example/ is no name"),
        (("--host", "192.0.2.1", "--allow-host", "ap.example", "--behind-proxy"), "cannot be had"),
    ],
)
def test_what_would_let_others_in_is_refused(desk, words, said):
    assert said in refusal(desk.autopack("serve", "--port", "0", *words), 2)


def test_a_folder_that_is_no_repository_is_a_sentence(desk, tmp_path):
    (tmp_path / "none").mkdir()
    assert "none" in refusal(desk.autopack("serve", "--repo", tmp_path / "none"), 7)


def test_keys_of_the_environment_that_are_none_are_a_sentence_and_other_commands_do_not_care(desk):
    wrong = desk.with_env(AUTOPACK_JWT_PRIVATE_KEY="no key")
    assert refusal(wrong.autopack("serve"), 3).startswith("AUTOPACK_JWT_PRIVATE_KEY is no RSA key in PEM form")
    assert wrong.autopack("runs").exit_code == 0


@pytest.mark.parametrize("words", [("serve",), ("serve", "token"), ("serve", "rotate-keys")], ids=" ".join)
def test_without_the_extra_it_names_what_to_install(desk, words):
    done = desk.python(WITHOUT, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "pip install 'autopack[server]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_other_command_imports_any_of_it(desk):
    from autopack.cli.command_table import COMMANDS

    modules = {command.target.partition(":")[0] for command in COMMANDS.values()}
    imports = "; ".join(f"import autopack.cli.commands.{module}" for module in sorted(modules))
    assert desk.python(TELLING.replace("main()", imports)).stderr == "[]\n"
    desk.plan(phase_of("one"))
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).python(TELLING, "run", "--run-id", "r").stderr.endswith("\n[]\n")
    for words in (("status", "r"), ("report", "r"), ("models",), ("doctor",), ("approve", "r", "one")):
        assert desk.python(TELLING, *words).stderr.endswith("[]\n"), words


@contextmanager
def by_uvicorn(desk, **environment):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("autopack.main:app", "--host", "127.0.0.1", "--port", str(port))
    with desk.with_env(**environment).start(*words, program="import sys; from uvicorn.main import main; main()") as running:
        yield running, f"http://127.0.0.1:{port}"


def test_uvicorn_starts_the_same_app_with_the_same_protection(desk, tmp_path):
    with by_uvicorn(desk) as (running, address), httpx2.Client(base_url=address, trust_env=False, timeout=60) as client:
        running.until(lambda: "Application startup complete" in running.err.read_text("utf-8"))
        token = desk.autopack("serve", "token").stdout.strip()
        assert client.get("/health").json()["status"] == "ok"
        assert client.get("/health", headers={"Host": "evil.example"}).status_code == 421
        assert client.get(f"/api/auth/session?token={token}").status_code == 401
        assert client.get("/api/auth/session", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        running.send(15)
        ended = running.end()
    assert token not in ended.stdout + ended.stderr
    elsewhere = tmp_path / "none"
    elsewhere.mkdir()
    with by_uvicorn(desk, AUTOPACK_REPO=str(elsewhere)) as (running, _):
        ended = running.end()
    assert ended.exit_code == 7
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("resumes", [False, True], ids=["without --resume", "with --resume"])
def test_a_verb_on_a_run_that_nobody_works_on_names_what_leads_on_or_goes_on_with_it(desk, resumes):
    desk.plan(phase_of("one", gate="hold"))
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server).with_env(JWT_PRIVATE_KEY="")
        assert keyed.autopack("run", "--run-id", "r", "--max-usd", "3").exit_code == 4
        with serving(keyed, *(["--resume"] if resumes else [])) as served:
            token = keyed.autopack("serve", "token", "--scope", "steer").stdout.strip()
            told = served.client.post(
                "/runs/r/phases/one/approve",
                json={"note": "looked at it"},
                headers={"Authorization": f"Bearer {token}", "If-Match": etag_of(keyed)},
            )
            assert told.status_code == 200, told.text
            assert (told.json()["resume"], told.json()["is_resumed"]) == ("autopack resume r", resumes)
            if resumes:
                served.running.until(lambda: desk.status("r")["state"] == "complete")
    assert desk.status("r")["phases"][0]["state"] == ("complete" if resumes else "integrating")
    assert desk.status("r")["budget"]["max_usd"] == 3
    assert (desk.repo / ".autonomous_runs" / "r" / "resume.log").exists() is resumes
    events = [event for event in desk.autopack("logs", "r", "--json").events if event.get("by") == "approve"]
    assert [(event["who"].startswith("cli (token "), event["from"]) for event in events] == [(True, "127.0.0.1")]


def etag_of(desk: Desk) -> str:
    """What the phase's page says, read as the server reads it."""
    program = """
import sys
from pathlib import Path
from autopack.cli.open_state import opened
from autopack.cli.options import system_clock
from autopack.dashboard.etags import phase_etag
with opened(Path(), system_clock()) as project:
    sys.stdout.write(phase_etag(project, 'r', 'one'))
"""
    told = desk.python(program)
    assert told.exit_code == 0, told.stderr
    return told.stdout


def test_it_speaks_tls_by_the_name_that_it_was_given(desk, tmp_path):
    certificate, key = self_signed(tmp_path, "ap.example")
    words = ("--allow-host", "AP.example", "--tls-cert", certificate, "--tls-key", key)
    with serving(desk, *words) as served:
        port = served.address.rpartition(":")[2]
        assert served.address == f"https://ap.example:{port}"
        trusts = ssl.create_default_context(cafile=str(certificate))
        with httpx2.Client(base_url=f"https://127.0.0.1:{port}", verify=trusts, trust_env=False, timeout=60) as client:
            begun = client.post(
                "/api/auth/session", json={"code": served.code}, headers={"Host": f"ap.example:{port}", "Origin": served.address}
            )
            assert begun.status_code == 200, begun.text
            assert "Secure" in begun.headers["set-cookie"]
            assert client.get("/health", headers={"Host": "ap.example"}).status_code == 421


def self_signed(folder, name):
    """The files of a certificate for the name and for 127.0.0.1, and of its key."""
    key = rsa.generate_private_key(65537, 2048)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), begin, begin + timedelta(days=36_500))
    made = made.add_extension(names, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    (folder / "cert.pem").write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"
