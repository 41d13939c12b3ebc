"""A route whose answer is a page: what it is refused with is a page too, and who is not known is let in by the printed address."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from autopack.core.errors import UserError
from autopack.dashboard.pages.links import Links
from autopack.dashboard.pages.rendering import render
from autopack.dashboard.problems import Problem, problem_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    def get_route_handler(self) -> Handler:
        answered = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await answered(request)
            except Problem as problem:
                return _page_of(problem)
            except UserError as error:
                return _page_of(problem_of(error))
            except RequestValidationError:
                return _page_of(Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the address does not have the form that this page takes."))

        return handler


def _page_of(problem: Problem) -> Response:
    """Pages without a session hold nothing but the way in."""
    template = "enter.html" if problem.status == HTTPStatus.UNAUTHORIZED else "problem.html"
    response = render(template, Links(), {"problem": problem}, problem.status)
    response.headers.update(problem.headers)
    return response
