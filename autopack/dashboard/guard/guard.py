"""Stands in front of every route: refuses what is not ours, and adds the headers to every answer."""

from autopack.dashboard.guard.asgi import App, Message, Receive, Scope, Send
from autopack.dashboard.guard.headers import with_headers
from autopack.dashboard.guard.names import Names
from autopack.dashboard.guard.refusals import refusal
from autopack.dashboard.problems import answer


class Guard:
    def __init__(self, app: App, names: Names) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = with_headers(list(message["headers"]))
            await send(message)

        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        else:
            problem = refusal(scope, self._names)
            app: App = self._app if problem is None else answer(problem)
            await app(scope, receive, send_with_headers)
