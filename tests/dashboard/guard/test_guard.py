import pytest
from starlette.testclient import WebSocketDisconnect

from autopack.dashboard.guard.names import Names
from tests.support.dashboard import served

OWN = ["127.0.0.1:8100", "localhost:8100", "[::1]:8100", "LOCALHOST:8100"]
FOREIGN = [
    "127.0.0.1",
    "127.0.0.1:8200",
    "localhost",
    "localhost:80",
    "evil.example:8100",
    "127.0.0.1.evil.example:8100",
    "127.0.0.1:8100.evil.example",
    "0.0.0.0:8100",
    "[::]:8100",
    "user@127.0.0.1:8100",
    "",
]


@pytest.mark.parametrize("host", OWN)
def test_it_answers_to_its_own_names_with_its_own_port(desk, host):
    assert desk.program.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
def test_a_name_that_was_made_to_lead_here_is_misdirected(desk, host):
    told = desk.program.get("/health", headers={"Host": host})
    assert (told.status_code, told.json()["title"]) == (421, "Misdirected Request")


def test_nothing_is_allowed_to_other_origins(desk):
    headers = {"Origin": "http://127.0.0.1:8200", "Access-Control-Request-Method": "POST", "Sec-Fetch-Site": "same-site"}
    told = desk.program.options("/health", headers=headers)
    assert told.status_code == 403
    assert [name for name in told.headers if name.startswith("access-control")] == []


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
@pytest.mark.parametrize(("mode", "dest"), [("cors", "empty"), ("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe")])
def test_another_page_embeds_nothing(desk, site, mode, dest):
    told = desk.program.get("/health", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest})
    assert told.status_code == 403


@pytest.mark.parametrize("site", ["same-site", "cross-site", "none", "same-origin"])
def test_a_link_of_another_page_may_lead_here(desk, site):
    told = desk.program.get("/health", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})
    assert told.status_code == 200


def test_there_are_no_websockets(desk):
    with pytest.raises(WebSocketDisconnect), desk.program.websocket_connect("/health"):
        pass
    assert desk.program.get("/health", headers={"Connection": "Upgrade", "Upgrade": "websocket"}).status_code == 403


def test_behind_a_proxy_its_clients_name_is_taken_and_verbs_come_from_there(told, tmp_path):
    with served(tmp_path, told.repo, names=Names(("ap.example",), is_behind_proxy=True)) as desk:
        assert desk.program.get("/health", headers={"Host": "ap.example"}).status_code == 200
        assert desk.program.get("/health", headers={"Host": "other.example"}).status_code == 421
        code = {"code": desk.server.access.code()}
        for origin, status in (("http://ap.example", 403), ("https://other.example", 403), ("https://ap.example", 200)):
            sent = desk.program.post("/api/auth/session", json=code, headers={"Host": "ap.example", "Origin": origin})
            assert sent.status_code == status
        assert "Secure" in sent.headers["set-cookie"]


def test_a_name_of_its_own_needs_the_port_without_a_proxy(told, tmp_path):
    with served(tmp_path, told.repo, names=Names(("ap.example",))) as desk:
        assert desk.program.get("/health", headers={"Host": "ap.example:8100"}).status_code == 200
        assert desk.program.get("/health", headers={"Host": "ap.example"}).status_code == 421


def test_a_body_has_a_length_and_an_end(desk):
    headers = {**desk.bearer(), "Content-Type": "application/json"}
    assert desk.program.post("/api/auth/session", content=b" " * 300_000, headers=headers).status_code == 413
    assert desk.program.post("/api/auth/session", content=iter([b"{}"]), headers=headers).status_code == 411
