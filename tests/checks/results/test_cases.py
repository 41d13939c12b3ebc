from autopack.checks.results.cases import CaseOutcome, Named, gather, told_apart


def test_the_worst_outcome_of_a_test_counts():
    results = gather(
        [Named("t", CaseOutcome.FAILED, "call"), Named("t", CaseOutcome.PASSED), Named("u", CaseOutcome.SKIPPED)], is_complete=True
    )
    assert (results.failed, results.passed, results.skipped) == (("t",), (), ("u",))
    assert results.details == (("t", "call"),)


def test_order_does_not_depend_on_the_runner():
    tests = [Named(name, CaseOutcome.PASSED) for name in "cab"]
    assert gather(tests, is_complete=True) == gather(reversed(tests), is_complete=True)


def test_only_the_first_failures_carry_their_text():
    results = gather((Named(f"t{number:04}", CaseOutcome.FAILED, "x") for number in range(500)), is_complete=True)
    assert len(results.failed) == 500
    assert len(results.details) == 60


def test_equal_names_are_numbered():
    assert [entry.test for entry in told_apart(Named("t", CaseOutcome.PASSED) for _ in range(3))] == ["t", "t (2)", "t (3)"]
