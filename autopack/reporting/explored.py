"""What the roles of an attempt looked at, read from its recorded steps."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from autopack.core.call import Role
from autopack.core.exploring import READING, Explored, Offered, Round
from autopack.core.step_names import EXPLORES, StepName, lap_of, step_of


def explored_in(steps: Mapping[str, str]) -> Iterator[tuple[Role, Explored]]:
    """Of each role that was offered tools; what an older version wrote is left out."""
    if StepName.OFFER not in steps:
        return
    for role, step in EXPLORES.items():
        rounds = {lap_of(name): text for name, text in steps.items() if step_of(name) == step}
        try:
            tools = Offered.model_validate_json(steps[StepName.OFFER]).tools
            done = {question: Round.model_validate_json(text) for question, text in rounds.items()}
        except ValidationError:
            continue
        yield role, Explored(tools=tools if role is Role.BUILDER else READING, rounds=done)
