from autopack.core.step_names import StepName, all_laps


def test_what_was_recorded_of_a_step_is_found_on_every_lap_in_order():
    results = {"check": "one", "old_tests": "two", "check.2": "three", "audit": "four"}
    assert all_laps(results, StepName.CHECK) == ["one", "three"]
    assert all_laps(results, StepName.AUDIT, StepName.OLD_TESTS) == ["two", "four"]
    assert all_laps(results, StepName.SIGN) == []
