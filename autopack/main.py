"""The server's app: ``python -m uvicorn autopack.main:app --host 127.0.0.1 --port 8100``."""

import time

from autopack.core.clock import Clock
from autopack.dashboard.from_environment import app_of_environment

app = app_of_environment(Clock(time.time, time.monotonic, time.sleep))
