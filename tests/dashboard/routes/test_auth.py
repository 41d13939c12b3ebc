import pytest

from tests.support.dashboard import ADDRESS, served


def test_the_public_keys_are_open_and_hold_nothing_private(desk):
    told = desk.program.get("/api/auth/.well-known/jwks.json")
    (key,) = told.json()["keys"]
    assert set(key) == {"kty", "alg", "use", "n", "e", "kid"}
    assert (key["kty"], key["alg"], key["use"], key["e"]) == ("RSA", "RS256", "sig", "AQAB")
    assert key["kid"] == desk.server.access.ring().signing.thumbprint()
    assert told.headers["cache-control"] == "public, max-age=300"


def test_key_status_needs_a_token_and_says_where_the_keys_come_from(desk):
    assert desk.program.get("/api/auth/key-status").status_code == 401
    told = desk.program.get("/api/auth/key-status", headers=desk.bearer()).json()
    ring = desk.server.access.ring()
    expected = {"schema": 1, "source": "generated", "kid": ring.kid, "made": desk.time.at, "rotated": None, "others": []}
    assert told == expected


def test_after_a_rotation_it_says_until_when_the_other_key_holds(desk):
    token, kid = desk.bearer(ttl_s=600), desk.server.access.ring().kid
    desk.server.access.rotate(ends_all=False)
    told = desk.program.get("/api/auth/key-status", headers=token).json()
    assert told["others"] == [{"kid": kid, "until": desk.time.at + 600}]
    assert told["rotated"] == desk.time.at
    assert len(desk.program.get("/api/auth/.well-known/jwks.json").json()["keys"]) == 2


def test_a_code_becomes_a_cookie_that_scripts_and_other_sites_do_not_get(desk):
    headers = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}
    begun = desk.program.post("/api/auth/session", json={"code": desk.server.access.code()}, headers=headers)
    cookie, *attributes = begun.headers["set-cookie"].split("; ")
    assert cookie.startswith("autopack_8100=")
    assert {attribute.lower() for attribute in attributes} == {"httponly", "samesite=strict", "path=/", "max-age=43200"}
    assert begun.json()["scope"] == "steer"
    told = desk.program.get("/api/auth/session").json()
    assert (told["subject"], told["token"]) == ("person", begun.json()["token"])


def test_a_code_is_taken_once(desk):
    code, headers = desk.server.access.code(), {"Origin": ADDRESS}
    sent = [desk.program.post("/api/auth/session", json={"code": code}, headers={**headers, **desk.bearer()}).status_code for _ in range(2)]
    assert sent == [200, 401]


def test_a_session_ends_after_twelve_hours(desk):
    with desk.browser() as browser:
        assert browser.get("/api/auth/session").status_code == 200
        desk.time.pass_s(12 * 3600 + 60)
        assert browser.get("/api/auth/session").status_code == 401


def test_a_session_outlives_the_server(desk, told, tmp_path):
    with desk.browser() as browser, served(tmp_path, told.repo) as again:
        cookie = {"Cookie": f"autopack_8100={browser.cookies['autopack_8100']}"}
        assert again.program.get("/api/auth/session", headers=cookie).json()["subject"] == "person"


def test_a_person_can_leave(desk):
    with desk.browser() as browser:
        assert browser.post("/api/auth/session/end", json={}).status_code == 200
        assert browser.get("/api/auth/session").status_code == 401


def test_a_cookie_that_another_port_set_beside_ours_locks_nobody_out(desk):
    with desk.browser() as browser:
        mine = browser.cookies["autopack_8100"]
        browser.cookies.clear()
        for cookies in (f"autopack_8100=planted; autopack_8100={mine}", f"autopack_8100={mine}; autopack_8100=planted"):
            assert browser.get("/api/auth/session", headers={"Cookie": cookies}).status_code == 200


@pytest.mark.parametrize("given", ["Basic eDp5", "Bearer", "Bearer ", "Bearer x.y.z", "x"])
def test_what_is_no_token_is_refused(desk, given):
    told = desk.program.get("/api/auth/session", headers={"Authorization": given})
    assert (told.status_code, told.headers["www-authenticate"]) == (401, "Bearer")
    assert told.json()["next"] == "autopack serve token"


def test_ten_wrong_tokens_a_minute_are_too_many_and_a_right_one_is_still_taken(desk):
    wrong = {"Authorization": "Bearer wrong"}
    assert [desk.program.get("/api/auth/session", headers=wrong).status_code for _ in range(11)] == [401] * 10 + [429]
    assert desk.program.get("/api/auth/session", headers=wrong).headers["retry-after"] == "61"
    guessed = desk.program.post("/api/auth/session", json={"code": "guessed"}, headers={"Origin": ADDRESS})
    assert guessed.status_code == 429
    assert desk.program.get("/api/auth/session", headers=desk.bearer()).status_code == 200
    desk.time.pass_s(61)
    assert desk.program.get("/api/auth/session", headers=wrong).status_code == 401


def test_a_token_that_was_good_once_is_not_counted(desk):
    old = desk.bearer(ttl_s=60)
    desk.time.pass_s(200)
    assert [desk.program.get("/api/auth/session", headers=old).status_code for _ in range(12)] == [401] * 12


def test_a_program_needs_no_session(desk):
    assert desk.program.get("/api/auth/session", headers=desk.bearer("steer")).json()["token"] is None


def test_a_token_becomes_a_session_of_its_scope_that_lives_no_longer(desk):
    token = desk.bearer("read", ttl_s=600)["Authorization"].removeprefix("Bearer ")
    begun = desk.program.post("/api/auth/session", json={"token": token}, headers={"Origin": ADDRESS})
    assert (begun.json()["scope"], begun.json()["subject"], begun.json()["expires"]) == ("read", "test", desk.time.at + 600)
    assert "Max-Age=600" in begun.headers["set-cookie"]
    for wrong in ({"token": "x"}, {"token": begun.cookies["autopack_8100"]}, {}):
        assert desk.program.post("/api/auth/session", json=wrong, headers={"Origin": ADDRESS, **desk.bearer()}).status_code == 401
