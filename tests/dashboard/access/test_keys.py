import json
import stat
import threading

import pytest
from joserfc.jwk import RSAKey

from autopack.core.errors import EnvironmentBlockedError, InvalidInputError, UsageError
from autopack.dashboard.access.access import Access
from autopack.dashboard.access.environment_keys import environment_ring, parties_of
from autopack.dashboard.access.key_file import KeyFile
from autopack.dashboard.access.scope import Scope
from autopack.dashboard.access.tokens import BadToken

PAIR = RSAKey.generate_key(2048, private=True)
PRIVATE, PUBLIC = PAIR.as_pem(private=True).decode(), PAIR.as_pem(private=False).decode()
OTHER = RSAKey.generate_key(2048, private=True)


class Time:
    at = 1_800_000_000.0

    def now(self):
        return self.at


def _access(folder, time, **environment):
    numbers = iter(range(1000))
    return Access.of({"XDG_STATE_HOME": str(folder), **environment}, time.now, lambda: f"nonce-{next(numbers)}")


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def access(tmp_path, time):
    return _access(tmp_path / "state", time)


@pytest.mark.parametrize("prefix", ["AUTOPACK_", ""])
@pytest.mark.parametrize("written", [str, lambda pem: pem.replace("\n", "\\n")], ids=["real line ends", "spelled out"])
def test_a_pair_of_the_environment_is_taken(prefix, written):
    ring = environment_ring({f"{prefix}JWT_PRIVATE_KEY": written(PRIVATE), f"{prefix}JWT_PUBLIC_KEY": written(PUBLIC)})
    assert (ring.source, ring.kid) == ("env", PAIR.thumbprint())


def test_the_private_half_is_enough():
    assert environment_ring({"JWT_PRIVATE_KEY": PRIVATE}).kid == PAIR.thumbprint()


def test_an_applications_plain_names_are_not_looked_at_beside_our_own():
    ring = environment_ring({"AUTOPACK_JWT_PRIVATE_KEY": PRIVATE, "JWT_PRIVATE_KEY": "theirs", "JWT_PUBLIC_KEY": "theirs"})
    assert ring.kid == PAIR.thumbprint()


def test_issuer_and_audience_come_from_the_environment():
    parties = parties_of({"JWT_ISSUER": "theirs", "AUTOPACK_JWT_ISSUER": "ours", "JWT_AUDIENCE": "all"})
    assert (parties.issuer, parties.audience) == ("ours", "all")
    assert (parties_of({}).issuer, parties_of({}).audience) == ("autopack-backend", "autopack-clients")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"JWT_PRIVATE_KEY": PRIVATE, "JWT_PUBLIC_KEY": OTHER.as_pem(private=False).decode()}, "does not belong to JWT_PRIVATE_KEY"),
        ({"JWT_PUBLIC_KEY": PUBLIC}, "JWT_PUBLIC_KEY is set without JWT_PRIVATE_KEY"),
        ({"JWT_PRIVATE_KEY": PUBLIC}, "holds a public key"),
        ({"JWT_PRIVATE_KEY": "-----BEGIN nothing"}, "is no RSA key in PEM form"),
        ({"AUTOPACK_JWT_PRIVATE_KEY": "x"}, "AUTOPACK_JWT_PRIVATE_KEY is no RSA key"),
    ],
)
def test_what_is_no_pair_is_refused(environment, said):
    with pytest.raises(InvalidInputError, match=said) as refused:
        environment_ring(environment)
    assert int(refused.value.exit_code) == 3


def test_a_small_key_is_refused():
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made = generate_private_key(65537, 1024)  # noqa: S505 - its size is the point
    small = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(InvalidInputError, match="JWT_PRIVATE_KEY has 1024 bits; an RSA key needs 2048"):
        environment_ring({"JWT_PRIVATE_KEY": small})


def test_keys_are_made_once_of_3072_bits_for_their_owner_alone(access, tmp_path, time):
    kid = access.ring().kid
    path = tmp_path / "state" / "autopack" / "server" / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert access.ring().signing.raw_value.key_size == 3072
    assert (access.ring().source, access.ring().made, access.ring().rotated) == ("generated", time.at, None)
    assert _access(tmp_path / "state", time).ring().kid == kid


def test_two_that_start_at_once_share_one_key(tmp_path, time):
    files = [KeyFile(tmp_path / "server" / "keys.json", time.now) for _ in range(4)]
    kids = []
    threads = [threading.Thread(target=lambda file=file: kids.append(file.ring().kid)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kids) == 4
    assert len(set(kids)) == 1


def test_keys_that_others_may_read_are_not_used(access, tmp_path):
    access.ring()
    (tmp_path / "state" / "autopack" / "server" / "keys.json").chmod(0o644)
    with pytest.raises(EnvironmentBlockedError, match="others may read the keys"):
        access.ring()


def test_a_file_that_holds_no_keys_is_said_to(access, tmp_path):
    access.ring()
    path = tmp_path / "state" / "autopack" / "server" / "keys.json"
    path.write_text("{}")
    with pytest.raises(EnvironmentBlockedError, match="holds no keys that can be read"):
        access.ring()


def test_keys_never_lie_in_a_repository_that_is_shown(access, tmp_path):
    with pytest.raises(EnvironmentBlockedError, match="lies in the repository"):
        access.judge_place((str(tmp_path),))
    access.judge_place((str(tmp_path / "elsewhere"),))


def test_after_a_rotation_old_tokens_hold_until_they_expire_and_new_ones_are_signed_by_the_new_key(tmp_path, time):
    running, command = _access(tmp_path, time), _access(tmp_path, time)
    before = running.token("a", Scope.READ, 600)
    old = running.ring().kid
    time.at += 1
    command.rotate(ends_all=False)
    assert running.judge(before).subject == "a"  # a server that runs, and was not told
    after = running.token("b", Scope.READ, 6000)
    ring = running.ring()
    assert ring.kid != old
    assert (ring.made, ring.rotated) == (time.at, time.at)
    assert [(key.key.thumbprint(), key.until) for key in ring.old] == [(old, time.at - 1 + 600)]
    assert running.judge(after).subject == "b"
    time.at += 700
    with pytest.raises(BadToken):
        running.judge(before)
    assert running.judge(after).subject == "b"
    assert [key["kid"] for key in ring.public(time.at)] == [ring.kid]


def test_now_ends_all(tmp_path, time):
    running, command = _access(tmp_path, time), _access(tmp_path, time)
    token = running.token("a", Scope.READ, 600)
    cookie = running.session(running.code())[1]
    command.rotate(ends_all=True)
    with pytest.raises(BadToken):
        running.judge(token)
    with pytest.raises(BadToken):
        running.judge(cookie, is_cookie=True)


def test_the_old_key_is_kept_without_its_private_half(access, tmp_path):
    access.token("a", Scope.READ, 600)
    access.rotate(ends_all=False)
    first, second = json.loads((tmp_path / "state" / "autopack" / "server" / "keys.json").read_text())["keys"]
    assert "PRIVATE KEY" in first["pem"]
    assert "PRIVATE" not in second["pem"]


def test_keys_of_the_environment_are_rotated_there(tmp_path, time):
    with pytest.raises(UsageError, match="the keys are those of JWT_PRIVATE_KEY"):
        _access(tmp_path, time, JWT_PRIVATE_KEY=PRIVATE).rotate(ends_all=False)


def test_keys_of_the_environment_leave_nothing_on_the_disk(tmp_path, time):
    access = _access(tmp_path, time, JWT_PRIVATE_KEY=PRIVATE)
    assert access.judge(access.token("a", Scope.STEER, 60)).scope is Scope.STEER
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ttl", [0, -1, 31 * 86_400])
def test_a_token_holds_for_thirty_days_at_most(access, ttl):
    with pytest.raises(UsageError, match="30 days at most"):
        access.token("a", Scope.READ, ttl)


def test_a_code_is_good_once(access):
    code = access.code()
    assert access.session(code)[0].scope is Scope.STEER
    assert access.session(code) is None


def test_a_code_is_good_for_a_minute(access, time):
    code = access.code()
    time.at += 60
    assert access.session(code) is None
    assert access.session("guessed") is None
