"""Which model makes vectors, found without loading anything."""

import math

import pytest
from pydantic import SecretStr

from autopack.core.memory_settings import MemorySettings
from autopack.core.models_settings import ModelsSettings, ProviderSettings
from autopack.core.settings import ApiKey
from autopack.memory.embeddings import cosine, source_of, unit
from autopack.memory.local_model import folder_of
from tests.support.extras import MODEL, importable

KEY = ApiKey(provider="corp", variable="K", value=SecretStr("k"), source="environment")


def provider(api="openai-chat", embeddings="e-1"):
    return ModelsSettings(providers=(ProviderSettings(name="corp", api=api, api_key_env="K", embeddings=embeddings),))


def source(embeddings, models=None, keys=(KEY,), **memory):
    return source_of(MemorySettings(embeddings=embeddings, **memory), models or provider(), keys)


def test_without_the_extra_auto_is_words_alone_and_says_nothing_unasked():
    found = source("auto")
    assert (found.is_there, found.is_asked_for) == (False, False)
    assert found.why == "the packages for embeddings are not installed (install autopack[memory])"
    assert source("local").is_asked_for


def test_a_bought_model_is_the_one_that_a_provider_names():
    assert source("openai").route.name == "corp/e-1"
    assert source("off").why == "embeddings are off (memory.yaml)"


@pytest.mark.parametrize("models", [provider(embeddings=None), provider(api="anthropic")])
def test_no_model_is_guessed(models):
    found = source("openai", models)
    assert not found.is_there
    assert "names a model as its `embeddings`" in found.why


def test_a_model_without_a_key_is_none():
    assert source("openai", keys=()).why.startswith("No provider has a key: set K (for corp)")


@pytest.mark.extras
def test_the_local_model_is_a_folder_a_package_or_nothing(tmp_path):
    with importable():
        folder = folder_of(MODEL)
        assert folder_of(str(folder)) == folder
        assert source("auto", local_model=MODEL).folder == folder
        missing = source("auto", local_model="someone/never-downloaded")
        assert missing.why == "local_model 'someone/never-downloaded' is no folder, no installed package and not in the Hugging Face cache"
        assert folder_of(str(tmp_path)) is None
        assert folder_of("not a name") is None


def test_vectors_have_the_length_of_one():
    assert math.isclose(cosine(unit((3, 4)), unit((3, 4))), 1.0, rel_tol=1e-6)
    assert math.isclose(cosine(unit((3, 4)), unit((4, -3))), 0.0, abs_tol=1e-6)
    assert unit((0, 0)) == bytes(8)
