import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from autopack.dashboard.access.scope import Caller, Scope
from autopack.dashboard.access.tokens import LEEWAY_S, BadToken, Parties, judge, sign

NOW = 1_800_000_000.0
KEY = RSAKey.generate_key(2048, private=True)
OTHER = RSAKey.generate_key(2048, private=True)
KEYS = {KEY.thumbprint(): KEY}
PARTIES = Parties()
CALLER = Caller("somebody", Scope.READ, "id-1", NOW + 600)
CLAIMS = {
    "iss": PARTIES.issuer,
    "aud": PARTIES.audience,
    "sub": "somebody",
    "scope": "read",
    "iat": int(NOW),
    "nbf": int(NOW),
    "exp": int(NOW) + 600,
    "jti": "id-1",
}


def _encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _signed(claims=CLAIMS, key=KEY, **head):
    return jwt.encode({"alg": "RS256", "kid": KEY.thumbprint(), **head}, claims, key, algorithms=["RS256"])


def _forged(head, claims=CLAIMS, key=b""):
    text = f"{_encoded(head)}.{_encoded(claims)}"
    return f"{text}.{base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).rstrip(b'=').decode()}"


def _unsigned(head, claims=CLAIMS):
    return f"{_encoded(head)}.{_encoded(claims)}."


def test_a_token_says_who_it_is_for():
    assert judge(sign(KEY, CALLER, PARTIES, NOW), KEYS, PARTIES, NOW) == replace(CALLER, kid=KEY.thumbprint())


def test_its_header_names_the_key_by_its_thumbprint():
    head = json.loads(base64.urlsafe_b64decode(sign(KEY, CALLER, PARTIES, NOW).split(".")[0] + "=="))
    assert head == {"typ": "JWT", "alg": "RS256", "kid": KEY.thumbprint()}


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(_unsigned({"alg": "none", "typ": "JWT"}), id="none"),
        pytest.param(_unsigned({"alg": "none", "kid": KEY.thumbprint()}), id="none with our kid"),
        pytest.param(
            _forged({"alg": "HS256", "kid": KEY.thumbprint()}, key=KEY.as_pem(private=False)), id="HS256 keyed with the public key"
        ),
        pytest.param(_signed(kid="another"), id="another kid"),
        pytest.param(_signed(kid=OTHER.thumbprint(), key=OTHER), id="another key"),
        pytest.param(_signed(key=OTHER), id="another key under our kid"),
        pytest.param(_signed(key=OTHER, jwk=OTHER.as_dict(private=False)), id="its own jwk"),
        pytest.param(_signed(jku="https://evil.example/jwks.json"), id="jku"),
        pytest.param(_signed(x5u="https://evil.example/cert.pem"), id="x5u"),
        pytest.param(_signed({**CLAIMS, "iss": "another"}), id="wrong iss"),
        pytest.param(_signed({**CLAIMS, "aud": "another"}), id="wrong aud"),
        pytest.param(_signed({**CLAIMS, "exp": int(NOW) - LEEWAY_S}), id="expired"),
        pytest.param(_signed({**CLAIMS, "nbf": int(NOW) + LEEWAY_S + 1}), id="not yet valid"),
        pytest.param(_signed({**CLAIMS, "iat": int(NOW) + LEEWAY_S + 1}), id="issued in the future"),
        *(pytest.param(_signed({name: value for name, value in CLAIMS.items() if name != gone}), id=f"no {gone}") for gone in CLAIMS),
        pytest.param(_signed({**CLAIMS, "exp": "later"}), id="exp is text"),
        pytest.param(_signed({**CLAIMS, "exp": None}), id="exp is null"),
        pytest.param(_signed({**CLAIMS, "exp": True}), id="exp is true"),
        pytest.param(_signed({**CLAIMS, "scope": "write"}), id="a scope that is none"),
        pytest.param(_signed({**CLAIMS, "scope": ["read"]}), id="scope is a list"),
        pytest.param(_signed({**CLAIMS, "sub": 7}), id="sub is a number"),
        pytest.param(_signed({**CLAIMS, "session": "s"}), id="a browser's token without a browser's audience"),
        pytest.param(_signed()[:-40], id="cut"),
        pytest.param(_signed().rsplit(".", 1)[0], id="without its signature"),
        pytest.param(_signed() + "A" * 100_000, id="100 kB"),
        pytest.param("A" * 100_000, id="100 kB of nothing"),
        pytest.param("", id="empty"),
        pytest.param("..", id="dots"),
        pytest.param("\x00.\udcff.\u2603", id="no ASCII"),
        pytest.param(_unsigned({"alg": ["RS256"], "kid": KEY.thumbprint()}), id="alg is a list"),
        pytest.param(_unsigned({"alg": "RS256", "kid": {"a": 1}}), id="kid is an object"),
        pytest.param(_unsigned({"alg": "RS256", "kid": KEY.thumbprint(), "crit": ["x"], "x": 1}), id="crit"),
        pytest.param(f"{base64.urlsafe_b64encode(b'[' * 300).decode()}.e30.e30", id="deep"),
    ],
)
def test_it_is_refused(token):
    with pytest.raises(BadToken):
        judge(token, KEYS, PARTIES, NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(NOW) - LEEWAY_S + 1},
        {"nbf": int(NOW) + LEEWAY_S},
        {"iat": int(NOW) + LEEWAY_S},
        {"aud": ["another", PARTIES.audience]},
        {"scope": "read steer"},
    ],
    ids=str,
)
def test_it_is_taken(claims):
    assert judge(_signed({**CLAIMS, **claims}), KEYS, PARTIES, NOW).subject == "somebody"


def test_a_refusal_says_nothing_of_the_token():
    token = _signed({**CLAIMS, "sub": "hush", "iss": "another"})
    with pytest.raises(BadToken) as refused:
        judge(token, KEYS, PARTIES, NOW)
    assert "hush" not in str(refused.value)
    assert token[:20] not in str(refused.value)


def test_a_cookie_is_no_token_for_programs_and_the_other_way_round():
    cookie = sign(KEY, Caller("person", Scope.STEER, "id-2", NOW + 60, "repeat-me"), PARTIES, NOW)
    assert judge(cookie, KEYS, PARTIES, NOW, is_cookie=True).session == "repeat-me"
    with pytest.raises(BadToken):
        judge(cookie, KEYS, PARTIES, NOW)
    with pytest.raises(BadToken):
        judge(_signed(), KEYS, PARTIES, NOW, is_cookie=True)


def test_steering_covers_reading_and_not_the_other_way_round():
    assert Scope.STEER.covers(Scope.READ)
    assert not Scope.READ.covers(Scope.STEER)
