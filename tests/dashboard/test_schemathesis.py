"""Every route, asked by a machine that reads the document: no defect, no status and no form of answer that is not documented."""

import itertools

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks

from tests.support.dashboard import ADDRESS, served

EXAMPLES = 5
CHOSEN = {"run_id": ("shop-1", "shop-2"), "phase_id": ("add-model", "add-basket"), "log": ("add-model-1.log",)}
"""Names that are there: a random one never is."""


def test_no_route_answers_with_a_defect_or_with_what_is_not_documented(told, tmp_path):
    told.start()
    told.complete("add-model", {"src/m.py": "M = 1\n"})
    told.write_log("add-model", 1, "$ pytest -q\n2 passed\n")
    told.hold_for_review("add-basket", "the phase is gated.")
    with served(tmp_path, told.repo) as desk:
        desk.time.at = told.at + 1
        document = desk.app.openapi()
        operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
        for operation in operations:
            _tried(_asking(desk), operation.as_strategy())
    assert {(one.method, one.path) for one in operations} == {(verb, path) for path, verbs in document["paths"].items() for verb in verbs}


def _asking(desk):
    """Asks one case, every other one of a run that is there, and judges the answer."""
    judged = [
        checks.not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    numbers = itertools.count()

    def ask(case):
        number = next(numbers)
        for name in set(CHOSEN) & set(case.path_parameters or {}):
            if number % 2:
                case.path_parameters[name] = CHOSEN[name][number % len(CHOSEN[name])]
        if case.path.endswith("/events"):
            case.query = {**(case.query or {}), "follow": "false"}  # it would go on for ever
        sent = case.as_transport_kwargs(base_url=ADDRESS, headers=desk.bearer("steer"))
        answer = desk.program.request(**{name: value for name, value in sent.items() if name != "cookies"})
        case.validate_response(answer, checks=judged)

    return ask


def _tried(ask, strategy):
    bounded = settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
    )
    seed(13)(bounded(given(strategy)(ask)))()
