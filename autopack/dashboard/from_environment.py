"""Makes the app of what the environment says, for whoever starts it by uvicorn's own command."""

import secrets
import sys
from pathlib import Path

from fastapi import FastAPI

from autopack.core.clock import Clock
from autopack.core.errors import UserError
from autopack.dashboard.access.access import Access
from autopack.dashboard.app import create_app
from autopack.dashboard.places import Places
from autopack.dashboard.server import Server
from autopack.settings.environment import inherited_environment, process_environment
from autopack.settings.key_variables import withdraw_keys
from autopack.settings.server_variables import REPOSITORY, withdraw_signing_keys


def app_of_environment(clock: Clock) -> FastAPI:
    """Its repository is ``AUTOPACK_REPO``, else the working directory. Ends the process, with a sentence, where there is none."""
    withdraw_keys()
    withdraw_signing_keys()
    environment = process_environment()
    try:
        places = Places.of((Path(environment.get(REPOSITORY) or "."),), (environment, inherited_environment()), clock)
        access = Access.of(environment, clock.now, lambda: secrets.token_urlsafe(32))
        access.judge_place(tuple(str(place.repository.top) for place in places.all))
        access.ring()
    except UserError as error:
        sys.stderr.write(f"autopack: {error.message}\n")
        raise SystemExit(int(error.exit_code)) from None
    return create_app(Server(places, clock, access))
