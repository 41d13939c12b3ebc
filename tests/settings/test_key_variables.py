import os
import subprocess
import sys

from autopack.settings.effective import load_settings
from autopack.settings.key_variables import PROVIDER_KEYS, key_variables

CORP = "providers: [{name: corp, api: openai-chat, base_url: 'https://corp.example', api_key_env: CORP_KEY, headers_env: {X: TEAM_PASS}}]\n"
LOOK = """
from autopack.settings.key_variables import withdraw_keys
from autopack.settings.environment import inherited_environment, process_environment
withdraw_keys()
names = ("ANTHROPIC_API_KEY", "CORP_KEY", "TEAM_PASS", "OTHER_KEY")
print(*(name for name in names if name in inherited_environment()))
print(*(name for name in names if name in process_environment()))
import sys
environ = open("/proc/self/environ", "rb").read() if sys.platform == "linux" else b"OTHER_KEY"
print(*(name for name in names if name.encode() in environ))
"""


def left(tmp_path, models):
    folder = tmp_path / "autopack"
    folder.mkdir()
    (folder / "models.yaml").write_text(models)
    keys = {name: f"value of {name}" for name in ("ANTHROPIC_API_KEY", "CORP_KEY", "TEAM_PASS", "OTHER_KEY")}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "XDG_CONFIG_HOME": str(tmp_path), **keys}
    done = subprocess.run([sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def test_the_shipped_providers_keys_are_known_without_reading_any_configuration():
    providers = load_settings(None, {}).settings.models.providers
    assert {provider.api_key_env for provider in providers} <= PROVIDER_KEYS


def test_keys_and_headers_that_the_configuration_names_are_kept_from_commands(tmp_path):
    (tmp_path / "autopack").mkdir()
    (tmp_path / "autopack" / "models.yaml").write_text(CORP)
    found = key_variables(load_settings(None, {"XDG_CONFIG_HOME": str(tmp_path)}).settings)
    assert found == PROVIDER_KEYS | {"CORP_KEY", "TEAM_PASS"}


def test_withdrawn_keys_are_known_to_the_program_and_to_nobody_else(tmp_path):
    inherited, known, readable = left(tmp_path, CORP)
    assert inherited == ["OTHER_KEY"]
    assert known == ["ANTHROPIC_API_KEY", "CORP_KEY", "TEAM_PASS", "OTHER_KEY"]
    assert readable == ["OTHER_KEY"]


def test_a_configuration_that_cannot_be_read_leaves_the_known_names(tmp_path):
    assert left(tmp_path, CORP + "builder: [\n")[0] == ["CORP_KEY", "TEAM_PASS", "OTHER_KEY"]
