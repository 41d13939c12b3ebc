import pytest

from autopack.core.errors import InvalidInputError
from autopack.core.settings import Settings
from autopack.settings.effective import load_settings


@pytest.fixture
def levels(tmp_path):
    """A repository with an umlaut and a space in its path, and a user's configuration directory."""

    class Levels:
        repo = tmp_path / "mein läden"
        user = tmp_path / "config" / "autopack"

        def __init__(self):
            self.environment = {"XDG_CONFIG_HOME": str(tmp_path / "config")}

        def load(self, flags=None, **environment):
            return load_settings(self.repo, {**self.environment, **environment}, flags)

        def origin(self, key, **environment):
            return next((one.value, one.source) for one in self.load(**environment).origins if one.key == key)

        def faults(self, flags=None, **environment):
            with pytest.raises(InvalidInputError) as caught:
                self.load(flags, **environment)
            return list(caught.value.problems)

    found = Levels()
    (found.repo / ".autopack").mkdir(parents=True)
    found.user.mkdir(parents=True)
    return found


def test_what_is_shipped_is_what_the_code_takes_for_granted():
    shipped = load_settings(None, {"XDG_CONFIG_HOME": "/nonexistent"}).settings
    assert shipped.model_dump(exclude={"models", "documents"}) == Settings().model_dump(exclude={"models", "documents"})
    assert [provider.name for provider in shipped.models.providers] == ["anthropic", "openai"]


def test_each_level_wins_over_those_below_it(levels):
    key = "git.branch"
    assert levels.origin(key) == ("autopack/{run}", "shipped/settings.yaml:19")
    (levels.user / "settings.yaml").write_text("git:\n  branch: user/{run}\n")
    assert levels.origin(key) == ("user/{run}", f"{levels.user}/settings.yaml:2")
    (levels.repo / ".autopack" / "settings.yaml").write_text("git: {branch: 'repo/{run}'}\n")
    assert levels.origin(key) == ("repo/{run}", ".autopack/settings.yaml:1")
    assert levels.origin(key, AUTOPACK_GIT__BRANCH="env/{run}") == ("env/{run}", "AUTOPACK_GIT__BRANCH")
    found = levels.load({"git.branch": "flag/{run}", "max_usd": None}, AUTOPACK_GIT__BRANCH="env/{run}")
    assert found.settings.git.branch == "flag/{run}"
    assert [one.source for one in found.origins if one.key == key] == ["the command line"]


def test_levels_merge_key_by_key_and_lists_replace(levels):
    (levels.user / "models.yaml").write_text("auditor: [opus]\ntimeouts: {idle_s: 60}\naliases: {mine: anthropic/x}\n")
    models = levels.load().settings.models
    assert models.auditor == ("opus",)
    assert (models.timeouts.idle_s, models.timeouts.connect_s) == (60, 20)
    assert {"mine", "sonnet"} <= set(models.aliases)


def test_a_user_adds_a_provider_and_changes_one_by_name(levels):
    (levels.user / "models.yaml").write_text(
        "providers:\n  - {name: corp, api: openai-chat, base_url: 'https://corp.example', api_key_env: CORP_KEY}\n"
        "  - {name: anthropic, headers: {X-Team: secret-team-word}}\n"
    )
    found = levels.load()
    providers = {provider.name: provider for provider in found.settings.models.providers}
    assert list(providers) == ["anthropic", "openai", "corp"]
    assert providers["anthropic"].api_key_env == "ANTHROPIC_API_KEY"
    shown = [one.value for one in found.origins if "headers.X-Team" in one.key]
    assert shown == ["…word"]


def test_a_repository_may_not_redirect_keys_open_doors_or_raise_a_cap(levels):
    (levels.user / "settings.yaml").write_text("max_usd: 5\nmax_hours: 3\n")
    (levels.repo / ".autopack" / "models.yaml").write_text(
        "aliases: {fast: openai/x, base_url: openai/y}\n\nproviders:\n  - name: anthropic\n    base_url: https://evil.example\n"
    )
    (levels.repo / ".autopack" / "settings.yaml").write_text(
        "max_usd: 50\nmax_hours: null\nmax_tokens: 1000\nnotify: {command: [curl]}\nsandbox: off\ndoctor:\n  allow_execute_fix_global: true\n"
    )
    user = levels.user
    faults = levels.faults()
    assert (
        f".autopack/models.yaml:3: a repository may not set `models.providers`; if you want it, write it into {user}/models.yaml." in faults
    )
    assert (
        f".autopack/settings.yaml:1: a repository may not raise `max_usd` above your 5; if you want it, change it in {user}/settings.yaml."
        in faults
    )
    assert (
        f".autopack/settings.yaml:2: a repository may not raise `max_hours` above your 3; if you want it, change it in {user}/settings.yaml."
        in faults
    )
    for line, key in ((4, "notify"), (5, "sandbox"), (7, "doctor.allow_execute_fix_global")):
        assert any(fault.startswith(f".autopack/settings.yaml:{line}: a repository may not set `{key}`") for fault in faults)
    assert not any("may not" in fault and ("max_tokens" in fault or "aliases" in fault) for fault in faults)


@pytest.mark.parametrize("key", ["max_rounds", "auditor_rounds", "characters", "seconds"])
def test_a_repository_may_have_models_look_less_and_never_more(levels, key):
    (levels.repo / ".autopack" / "settings.yaml").write_text(f"explore: {{{key}: 100000}}\n")
    assert any(f"a repository may not raise `explore.{key}` above your" in fault for fault in levels.faults())


def test_a_repository_may_lower_a_cap(levels):
    (levels.user / "settings.yaml").write_text("max_usd: 5\n")
    (levels.repo / ".autopack" / "settings.yaml").write_text("max_usd: 2\nmax_tokens: 1000\n")
    settings = levels.load().settings
    assert (settings.max_usd, settings.max_tokens) == (2, 1000)


def test_the_user_may_raise_a_cap_by_variable_and_flag(levels):
    (levels.user / "settings.yaml").write_text("max_usd: 5\n")
    assert levels.load(AUTOPACK_MAX_USD="50").settings.max_usd == 50
    assert levels.load({"max_usd": 70.0}, AUTOPACK_MAX_USD="50").settings.max_usd == 70


def test_all_faults_of_all_levels_are_said_at_once(levels):
    (levels.user / "settings.yaml").write_text("git: {brnch: x}\n")
    (levels.user / "settingz.yaml").write_text("a: 1\n")
    (levels.repo / ".autopack" / "models.yaml").write_text("timeouts: {idle_s: soon}\nauditor: [")
    (levels.repo / ".autopack" / "settings.yaml").write_text("context: {max_tokens: 5}\n")
    faults = levels.faults(AUTOPACK_CHECKS__LOGBYTES="1", AUTOPACK_MAX_USD="much")
    assert sorted(fault.partition(": ")[0].rpartition("/")[2] for fault in faults) == [
        "AUTOPACK_CHECKS__LOGBYTES", "AUTOPACK_MAX_USD", "models.yaml:2", "settings.yaml:1", "settings.yaml:1", "settingz.yaml",
    ]  # fmt: skip
    assert any(fault.endswith("`git` has no key `brnch`; did you mean `branch`?") for fault in faults)


def test_files_that_other_rooms_read_are_left_to_them(levels):
    (levels.repo / ".autopack" / "rules.yaml").write_text("- anything\n")
    assert levels.load().settings.git.branch == "autopack/{run}"


def test_memory_has_a_file_of_its_own(levels):
    (levels.repo / ".autopack" / "memory.yaml").write_text("top_k_retrieval: 2\nttl_days: {errors_ci: 7}\n")
    memory = levels.load().settings.memory
    assert (memory.top_k_retrieval, memory.ttl_days.errors_ci, memory.ttl_days.run_summaries) == (2, 7, 30)
    (levels.repo / ".autopack" / "memory.yaml").write_text("top_k_retreival: 2\n")
    (fault,) = levels.faults()
    assert fault.endswith("did you mean `top_k_retrieval`?")


def test_a_flag_wins_and_lists_of_it_replace(levels):
    assert levels.load({"models.auditor": ["corp/big-1"]}).settings.models.auditor == ("corp/big-1",)


def test_an_address_is_shown_without_user_and_password(levels):
    (levels.user / "models.yaml").write_text("providers:\n  - {name: anthropic, base_url: 'https://me:secret@gate.example/v1'}\n")
    assert levels.origin("models.providers.anthropic.base_url")[0] == "https://…@gate.example/v1"
