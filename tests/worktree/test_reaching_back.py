import os

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.reaching_back import judge_installs, reaching_back


@pytest.fixture
def places(tmp_path):
    checkout, work_tree = tmp_path / "checkout", tmp_path / "tree"
    for root in (checkout, work_tree):
        for directory in (
            "src/pkg",
            "packages/a",
            ".venv/lib/python3.11/site-packages/pkg-1.0.dist-info",
            "node_modules/.pnpm/node_modules/@x",
        ):
            (root / directory).mkdir(parents=True)
    return checkout, work_tree


PACKAGES = ".venv/lib/python3.11/site-packages/"
OFFENDERS = {
    "easy-install.pth": "# a comment\n{checkout}/src\n",
    "__editable__.pkg-1.0.pth": "{checkout}/src\n",
    "relative.pth": "../../../../../checkout/src\n",
    "inline.pth": "import sys; sys.path.insert(0, '{checkout}/src')\n",
    "pkg.egg-link": "{checkout}/src\n../",
    "__editable___pkg_1_0_finder.py": "MAPPING = {{'pkg': '{checkout}/src/pkg'}}\nNAMESPACES = {{}}\n",
    "_pkg_editable_loader.py": 'install("pkg", "{checkout}/src")\n',
    "pkg-1.0.dist-info/direct_url.json": '{{"url": "file://{checkout}", "dir_info": {{"editable": true}}}}',
}


@pytest.mark.parametrize("name", OFFENDERS)
def test_editable_python_installs_are_found(places, name):
    checkout, work_tree = places
    file = work_tree / PACKAGES / name
    file.write_text(OFFENDERS[name].format(checkout=checkout))
    offender = reaching_back(work_tree / ".venv", checkout)
    assert offender is not None
    assert offender.file == file
    assert offender.target.is_relative_to(checkout)


FINE = {
    "relative.pth": "../../../../src\n",
    "plain.pth": "import _virtualenv\n\n/usr/lib/python3/dist-packages\n",
    "pkg-1.0.dist-info/direct_url.json": '{{"url": "file://{checkout}", "dir_info": {{}}}}',
    "other.dist-info.json": '{{"url": "file://{checkout}"}}',
    "__editable___pkg_1_0_finder.py": "MAPPING = {{'pkg': '{checkout}/.venv/share/pkg'}}\n",
    "broken.pth": "\0\udcff",
    "../../../bin/pytest": "#!{checkout}/.venv/bin/python\nimport sys\n",
}


@pytest.mark.parametrize("name", FINE)
def test_what_leads_elsewhere_is_fine(places, name):
    checkout, work_tree = places
    file = work_tree / PACKAGES / name
    file.parent.mkdir(parents=True, exist_ok=True)
    (work_tree / ".venv/bin").mkdir(exist_ok=True)
    file.write_bytes(FINE[name].format(checkout=checkout).encode("utf-8", "surrogateescape"))
    assert reaching_back(work_tree / ".venv", checkout, (".venv",)) is None


def test_garbage_is_no_obstacle(places):
    checkout, work_tree = places
    for name in ("direct_url.json", "x.pth", "__editable___x_finder.py"):
        (work_tree / PACKAGES / name).write_bytes(b'["\xff\n{[' * 1000)
    (work_tree / PACKAGES / "pkg-1.0.dist-info/direct_url.json").write_text("[1]")
    assert reaching_back(work_tree / ".venv", checkout) is None


def test_workspace_links_are_judged_by_where_they_lead_from_here(places):
    checkout, work_tree = places
    modules = work_tree / "node_modules"
    (modules / "a").symlink_to("../packages/a")
    (modules / ".pnpm/node_modules/a").symlink_to("../../../packages/a")
    os.symlink(checkout / "node_modules/.pnpm", modules / "store")
    assert reaching_back(modules, checkout, ("node_modules",)) is None
    os.symlink(checkout / "packages/a", modules / ".pnpm/node_modules/@x/a")
    offender = reaching_back(modules, checkout, ("node_modules",))
    assert offender is not None
    assert offender.file.name == "a"
    assert offender.target == checkout / "packages/a"


def test_directory_that_is_itself_a_link_leads_its_relative_links_back(places, tmp_path):
    checkout, _ = places
    (checkout / "node_modules/a").symlink_to("../packages/a")
    other = tmp_path / "other"
    other.mkdir()
    os.symlink(checkout / "node_modules", other / "node_modules")
    offender = reaching_back(other / "node_modules", checkout, ("node_modules",))
    assert offender is not None
    assert offender.target == checkout / "packages/a"


def test_pnpm_store_in_the_checkout_is_found(places):
    checkout, work_tree = places
    (work_tree / "node_modules/.modules.yaml").write_text(f"hoistPattern:\n  - '*'\nvirtualStoreDir: {checkout}/.store\n")
    offender = reaching_back(work_tree / "node_modules", checkout, ("node_modules",))
    assert offender is not None
    (work_tree / "node_modules/.modules.yaml").write_text('{"virtualStoreDir": ".pnpm"}')
    assert reaching_back(work_tree / "node_modules", checkout, ("node_modules",)) is None


def test_refusal_names_file_target_and_the_way_out(places):
    checkout, work_tree = places
    (work_tree / PACKAGES / "pkg.pth").write_text(f"{checkout}/src\n")
    with pytest.raises(EnvironmentBlockedError, match=r"pkg\.pth leads back to .*/src,.*workspace\.setup"):
        judge_installs(work_tree, checkout, (".venv",))


def test_checkout_reached_by_another_name_is_the_same(places, tmp_path):
    checkout, work_tree = places
    (tmp_path / "alias").symlink_to(checkout)
    (work_tree / PACKAGES / "pkg.pth").write_text(f"{tmp_path}/alias/src\n")
    assert reaching_back(work_tree / ".venv", checkout) is not None
