"""Whether the server answers: open to all, and says nothing but that."""

from typing import Literal

from fastapi import APIRouter

from autopack.dashboard.bodies import Body

router = APIRouter(tags=["health"])


class Health(Body):
    status: Literal["ok"] = "ok"


@router.get("/health")
def health() -> Health:
    """Answers `ok` as long as the server runs."""
    return Health()
