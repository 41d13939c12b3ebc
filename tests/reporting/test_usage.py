from autopack.core.status import UsageRow, UsageStatus
from autopack.reporting.usage import total_of


def _row(usd, calls=1):
    usage = UsageStatus(calls=calls, input_tokens=10, output_tokens=2, cache_read_tokens=3, cache_write_tokens=4, usd=usd)
    return UsageRow(phase="p", role="builder", requested_model="m", answering_model="m", usage=usage)


def test_the_total_is_the_sum_of_what_is_known():
    total = total_of([_row(0.5), _row(None, calls=2), _row(0.25)])
    assert total == UsageStatus(calls=4, input_tokens=30, output_tokens=6, cache_read_tokens=9, cache_write_tokens=12, usd=0.75)


def test_a_total_of_nothing_known_is_unknown_and_of_nothing_at_all_is_nothing():
    assert total_of([_row(None)]).usd is None
    assert total_of([]).usd == 0
