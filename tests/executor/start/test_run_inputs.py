from autopack.core.settings import Settings
from autopack.executor.start.run_inputs import changed_settings
from autopack.settings.effective import load_settings


def settings(tmp_path, **variables) -> Settings:
    return load_settings(tmp_path, {"HOME": str(tmp_path), **variables}).settings


def test_settings_that_differ_are_named_and_their_values_are_not_said(tmp_path):
    before = settings(tmp_path)
    after = settings(tmp_path, AUTOPACK_SANDBOX="off", AUTOPACK_MAX_USD="3")
    assert changed_settings(before.model_dump_json(), after) == ("max_usd", "sandbox")


def test_the_same_settings_and_a_first_start_have_no_difference(tmp_path):
    now = settings(tmp_path)
    assert changed_settings(now.model_dump_json(), now) == ()
    assert changed_settings("{}", now) == ()
