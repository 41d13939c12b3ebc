"""What any store of vectors does: one set of sentences for all of them."""

from contextlib import ExitStack

import pytest

from autopack.core.errors import InvalidInputError
from autopack.core.memory import Collection
from autopack.core.memory_settings import MemorySettings, QdrantSettings
from autopack.memory.embeddings import EmbeddingsUnavailableError, unit
from autopack.memory.vector_store import PlainStore, Stores
from autopack.store.memory_vectors import Space
from tests.support.extras import importable

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # those of the packages themselves

SPACE = Space("shop", Collection.ERRORS_CI, "some-model")
EAST, NORTH, NORTH_EAST = unit((5, 0, 0)), unit((0, 1, 0)), unit((1, 1, 0))
NEEDS_EXTRAS = pytest.mark.extras


def faiss(stack, _folder):
    stack.enter_context(importable())
    from autopack.memory.faiss_store import FaissStore

    return FaissStore()


def qdrant(stack, folder):
    stack.enter_context(importable())
    stores = Stores(MemorySettings(store="qdrant", qdrant=QdrantSettings(url=str(folder / "vectors"))), None)
    stack.callback(stores.close)
    return stores.of(SPACE)


@pytest.fixture(params=[lambda *_: PlainStore(), pytest.param(faiss, marks=NEEDS_EXTRAS), pytest.param(qdrant, marks=NEEDS_EXTRAS)])
def store(request, tmp_path):
    with ExitStack() as stack:
        yield request.param(stack, tmp_path)


def found(store, vector, limit=10):
    return [(entry, round(cosine, 3)) for entry, cosine in store.nearest(vector, limit)]


def test_the_nearest_come_first_with_their_cosine(store):
    store.fill({7: EAST, 8: NORTH, 9: NORTH_EAST})
    assert found(store, EAST) == [(7, 1.0), (9, 0.707), (8, 0.0)]
    assert found(store, NORTH_EAST, 1) == [(9, 1.0)]


def test_it_holds_what_it_was_filled_with_last(store):
    store.fill({7: EAST, 8: NORTH})
    store.fill({8: EAST, 9: NORTH})
    assert found(store, EAST) == [(8, 1.0), (9, 0.0)]
    store.fill({})
    assert found(store, EAST) == []


def test_an_empty_one_has_nothing_near(store):
    store.fill({})
    assert found(store, EAST) == []


@pytest.mark.extras
def test_qdrant_keeps_projects_and_models_apart_and_can_be_thrown_away(tmp_path):
    with importable():
        stores = Stores(MemorySettings(store="qdrant", qdrant=QdrantSettings(url=str(tmp_path / "vectors"))), None)
        stores.of(SPACE).fill({1: EAST})
        assert stores.of(Space("other", SPACE.collection, SPACE.model)).nearest(EAST, 1) == []
        assert stores.of(Space(SPACE.project, SPACE.collection, "another")).nearest(EAST, 1) == []
        stores.close()
        again = Stores(MemorySettings(store="qdrant", qdrant=QdrantSettings(url=str(tmp_path / "elsewhere"))), None)
        again.of(SPACE).fill({1: EAST})
        assert found(again.of(SPACE), EAST) == [(1, 1.0)]
        again.close()


@pytest.mark.extras
def test_a_qdrant_that_does_not_answer_is_told_in_a_sentence():
    with importable():
        stores = Stores(MemorySettings(store="qdrant", qdrant=QdrantSettings(url="http://127.0.0.1:9")), None)
        with pytest.raises(EmbeddingsUnavailableError, match="Qdrant does not answer"):
            stores.of(SPACE).fill({1: EAST})
        stores.close()


def test_qdrant_needs_a_place_and_its_package(monkeypatch):
    monkeypatch.setattr("autopack.memory.vector_store.find_spec", lambda _name: None)
    with pytest.raises(InvalidInputError, match=r"qdrant\.url does not say where"):
        Stores(MemorySettings(store="qdrant"), None)
    with pytest.raises(InvalidInputError, match=r"install autopack\[qdrant\]"):
        Stores(MemorySettings(store="qdrant", qdrant=QdrantSettings(url="/somewhere")), None)
