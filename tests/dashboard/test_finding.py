import pytest

from autopack.core.errors import EnvironmentBlockedError
from tests.support.dashboard import served
from tests.support.repos import make_repo
from tests.support.told_run import ToldRun, told_repo

STOP = "/runs/shop-1/stop"


@pytest.fixture
def two(tmp_path):
    """A server of two repositories that each have a run `shop-1`, and whose folders have one name."""
    runs = [told_repo(tmp_path / folder / "shop") for folder in ("a", "b")]
    with served(tmp_path, *(run.repo for run in runs)) as desk:
        yield desk
    for run in runs:
        run.database.close()


def _stop(desk, **query):
    return desk.program.post(STOP, json={}, params=query, headers={**desk.bearer("steer"), "If-Match": "x"})


def test_each_repository_has_a_name_of_its_own(two):
    assert [place.name for place in two.server.places.all] == ["shop", "shop-2"]


def test_a_run_that_several_repositories_have_is_asked_for_by_the_repositorys_name(two):
    told = _stop(two)
    assert told.status_code == 409
    assert told.json()["detail"] == "more than one repository has a run 'shop-1': ask again with ?repo=shop or ?repo=shop-2."
    assert _stop(two, repo="shop-2").status_code == 412
    unknown = _stop(two, repo="shopp")
    assert (unknown.status_code, unknown.json()["detail"]) == (
        404,
        "this server shows no repository 'shopp'; there are shop, shop-2. Did you mean 'shop'?",
    )


def test_one_repository_given_twice_is_one(told, tmp_path):
    (told.repo / "below").mkdir()
    with served(tmp_path, told.repo, told.repo / "below") as desk:
        assert len(desk.server.places.all) == 1


@pytest.mark.parametrize(
    "run_id", ["..", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "shop-1%00", "a" * 150, "%F0%9F%92%A9", "'; DROP TABLE run; --"]
)
def test_no_path_out_of_an_address_reaches_anything(desk, run_id):
    told = desk.program.post(f"/runs/{run_id}/stop", json={}, headers={**desk.bearer("steer"), "If-Match": "x"})
    assert told.status_code in {404, 405}
    assert told.headers["content-type"] == "application/problem+json"


def test_a_state_that_cannot_be_read_is_said_without_a_stack(told, desk):
    told.database.close()
    path = told.repo / ".git" / "autopack" / "autopack.db"
    for file in path.parent.glob("autopack.db*"):
        file.unlink()
    path.write_text("this is no database, and long enough to have a header")
    answered = _stop(desk)
    assert (answered.status_code, answered.json()["title"]) == (503, "Service Unavailable")
    assert "this is not an Autopack database" in answered.json()["detail"]
    assert "Traceback" not in answered.text


def test_a_folder_that_is_no_repository_is_refused(tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(EnvironmentBlockedError), served(tmp_path, make_repo(tmp_path / "one", {"a": "a\n"}), tmp_path / "none"):
        pass


def test_a_repository_that_was_moved_away_is_said_and_hides_no_other(tmp_path):
    moved, other = told_repo(tmp_path / "a" / "moved"), told_repo(tmp_path / "b" / "other")
    gone = ToldRun(moved.repo, "gone-1").create()
    for run in (moved, other, gone):
        run.database.close()
    with served(tmp_path, moved.repo, other.repo) as desk:
        moved.repo.rename(tmp_path / "elsewhere")
        assert desk.program.get("/runs/shop-1", headers=desk.bearer()).status_code == 200
        told = desk.program.get("/runs/gone-1", headers=desk.bearer())
        said = f"{moved.repo} is there no more; start the server again where the repository is now."
        assert (told.status_code, told.json()["detail"]) == (503, said)
        assert said in desk.program.get("/", headers=desk.bearer()).text
        overview = desk.program.get("/dashboard/status", headers=desk.bearer()).json()
        assert [one["name"] for one in overview["repositories"]] == ["other"]
        assert overview["out_of_reach"] == {"moved": said}
