from autopack.core.failure import RULES
from autopack.core.refusal import FAILURE_OF, RefusalCode


def test_every_refusal_is_a_kind_of_failure_that_is_tried_again():
    assert set(FAILURE_OF) == set(RefusalCode)
    assert all(RULES[kind].is_retried for kind in FAILURE_OF.values())
