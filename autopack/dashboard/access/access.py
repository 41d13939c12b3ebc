"""Gives out tokens and judges them: for programs, and for the browser whose person has the one-time code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.dashboard.access.codes import Codes
from autopack.dashboard.access.environment_keys import environment_ring, parties_of
from autopack.dashboard.access.key_file import KeyFile
from autopack.dashboard.access.ring import Ring
from autopack.dashboard.access.scope import Caller, Scope
from autopack.dashboard.access.throttle import Throttle
from autopack.dashboard.access.tokens import BadToken, Parties, judge, sign
from autopack.settings.paths import user_state_dir

SESSION_S: Final = 12 * 3600.0
LONGEST_S: Final = 30 * 86_400.0
PERSON: Final = "person"


@dataclass(frozen=True)
class Access:
    """``nonce`` makes a text that nobody can guess. The environment's ``ring`` goes before the file's."""

    parties: Parties
    fixed: Ring | None
    file: KeyFile
    now: Callable[[], float]
    nonce: Callable[[], str]
    codes: Codes = field(default_factory=Codes)
    throttle: Throttle = field(default_factory=Throttle)

    @classmethod
    def of(cls, environment: Mapping[str, str], now: Callable[[], float], nonce: Callable[[], str]) -> "Access":
        """Raises InvalidInputError for keys of the environment that are none, EnvironmentBlockedError without a home."""
        path = user_state_dir(environment) / "server" / "keys.json"
        return cls(parties_of(environment), environment_ring(environment), KeyFile(path, now), now, nonce)

    def ring(self) -> Ring:
        return self.fixed or self.file.ring()

    def token(self, subject: str, scope: Scope, ttl_s: float) -> str:
        """For a program. Raises UsageError for a time that is too long."""
        if not 0 < ttl_s <= LONGEST_S:
            raise UsageError(f"a token holds for more than nothing and {LONGEST_S / 86_400:g} days at most; give --ttl 1h, or 12h.")
        return self._signed(Caller(subject, scope, self.nonce(), self.now() + ttl_s))

    def code(self) -> str:
        """A new one-time code."""
        code = self.nonce()
        self.codes.add(code, self.now())
        return code

    def session(self, code: str) -> tuple[Caller, str] | None:
        """Who the browser is from now on, and its cookie; None where the code is not good."""
        if not self.codes.take(code, self.now()):
            return None
        return self._begun(PERSON, Scope.STEER, self.now() + SESSION_S)

    def session_of(self, token: str) -> tuple[Caller, str] | None:
        """As ``session``, of a program's token: with its scope, and no longer than it holds."""
        try:
            known = self.judge(token)
        except BadToken:
            return None
        return self._begun(known.subject, known.scope, min(known.expires, self.now() + SESSION_S))

    def judge(self, text: str, *, is_cookie: bool = False) -> Caller:
        """Raises BadToken."""
        now = self.now()
        return judge(text, self.ring().judging(now), self.parties, now, is_cookie=is_cookie)

    def holds(self, caller: Caller) -> bool:
        """Whether the token that was judged before still holds: it may have expired, and all may have been ended."""
        now = self.now()
        return caller.expires > now and caller.kid in self.ring().judging(now)

    def rotate(self, *, ends_all: bool) -> None:
        """Raises UsageError where the environment gives the keys."""
        if self.fixed is not None:
            raise UsageError("the keys are those of JWT_PRIVATE_KEY: set another pair there and start the server again.")
        self.file.rotate(ends_all=ends_all)

    def judge_place(self, tops: tuple[str, ...]) -> None:
        """Raises EnvironmentBlockedError where the keys would lie in one of these checkouts."""
        inside = next((top for top in tops if str(self.file.path.resolve()).startswith(f"{top}/")), None)
        if self.fixed is None and inside is not None:
            raise EnvironmentBlockedError(
                f"{self.file.path} lies in the repository {inside}: set XDG_STATE_HOME to a folder outside of it."
            )

    def _begun(self, subject: str, scope: Scope, expires: float) -> tuple[Caller, str]:
        caller = Caller(subject, scope, self.nonce(), expires, self.nonce())
        return caller, self._signed(caller)

    def _signed(self, caller: Caller) -> str:
        if self.fixed is None:
            self.file.ring()
            self.file.signed_until(caller.expires)
        return sign(self.ring().signing, caller, self.parties, self.now())
