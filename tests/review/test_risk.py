import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopack.core.quality import QualityLevel
from autopack.core.scope import Scope
from autopack.core.settings import QualitySettings
from autopack.review.risk import MOST, PARTS, WeighedChange, risk_of

SETTINGS = QualitySettings()
EVERYWHERE = Scope(None)


def judged(diff, not_judged=(), settings=SETTINGS, category="feature", planned=EVERYWHERE):
    return risk_of(WeighedChange(diff, planned, not_judged), settings, category)


def file_diff(path, added=("x",), removed=0):
    body = "".join(f"+{line}\n" for line in added) + "-old\n" * removed
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{removed} +1,{len(added)} @@\n{body}"


def parts(*files, not_judged=()):
    return {part.name: part.points for part in judged("".join(files), not_judged).parts}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ([file_diff("src/shop.py")], {}),
        ([file_diff("src/shop.py", ["x"] * 300), file_diff("tests/test_shop.py")], {"lines": 5}),
        ([file_diff("src/shop.py", ["x"] * 600, 500), file_diff("tests/test_shop.py")], {"lines": 20}),
        ([file_diff("src/shop.py", ["x"] * 51)], {"no_tests": 15}),
        ([file_diff("src/shop.py", ["x"] * 50)], {}),
        ([file_diff("docs/shop.md", ["x"] * 100)], {}),
        ([file_diff("src/auth/login.py")], {"sensitive_paths": 10}),
        ([file_diff("src/author.py"), file_diff("tests/test_auth.py")], {}),
        ([file_diff("a/tokens.py"), file_diff("b/billing.py"), file_diff("c/secrets.py")], {"sensitive_paths": 20}),
        ([file_diff("deploy.sh"), file_diff("Dockerfile"), file_diff("x.sql")], {"risky_files": 10}),
        ([file_diff("package.json")], {"dependencies": 10}),
        ([file_diff("package-lock.json", ["x"] * 5000)], {}),
        ([file_diff(".github/workflows/ci.yml")], {"ci": 20}),
        ([file_diff("a.py", ["# TODO: later", "x = 1  # FIXME", "TODOS = []"])], {"todo": 6}),
        ([file_diff("a.py", ["# TODO"] * 9)], {"todo": 10}),
        ([], {}),
    ],
)
def test_each_part_counts_what_it_is_about(files, found):
    assert parts(*files) == found


def test_criteria_that_nobody_judged_count():
    assert parts(file_diff("a.py"), not_judged=("one", "two")) == {"not_judged": 20}


def test_a_path_that_the_plan_names_exactly_is_no_risk_by_its_name_but_its_lines_are():
    paths = ("src/auth.py", "deploy.sh", "package.json", ".github/workflows/ci.yml")
    diff = "".join(file_diff(path, ["# TODO"] * 70) for path in paths)
    assert {part.name: part.points for part in judged(diff, planned=Scope(paths)).parts} == {"lines": 5, "no_tests": 15, "todo": 10}
    assert {"sensitive_paths", "risky_files", "dependencies", "ci"} <= {
        part.name for part in judged(diff, planned=Scope(("./", "src/"))).parts
    }


def test_lines_that_look_like_heads_of_a_diff_are_counted_as_lines():
    assert parts(file_diff("a.py", ["++ b/auth.py", "-- TODO"])) == {"todo": 3}


def test_the_level_is_that_of_the_category_where_it_has_one():
    settings = QualitySettings.model_validate(
        {"review_at": 10, "refuse_at": 20, "by_category": {"docs": {"review_at": 30, "refuse_at": 101}}}
    )
    ci, dependencies = file_diff(".github/workflows/ci.yml"), file_diff("package.json")

    def level(diff, category):
        return judged(diff, (), settings, category).level

    assert [level(file_diff("a.py"), "feature"), level(dependencies, "feature"), level(ci, "feature")] == list(QualityLevel)
    assert [level(ci, "docs"), level(ci + dependencies, "docs")] == [QualityLevel.OK, QualityLevel.NEEDS_REVIEW]


def test_what_is_counted_is_told_in_a_few_words():
    risk = judged(file_diff("src/auth.py", ["x"] * 60))
    assert risk.told == "25: no test with 60 lines of code (15), sensitive by name: src/auth.py (10)"


PATHS = st.sampled_from(
    ["a.py", "src/auth.py", "x.sh", "package.json", ".github/workflows/x.yml", "tests/test_a.py", "yarn.lock", "ä b.py"]
)
FILES = st.lists(
    st.builds(file_diff, PATHS, st.lists(st.text(max_size=20).filter(lambda text: "\n" not in text), max_size=80), st.integers(0, 9)),
    max_size=8,
)


@given(FILES, st.lists(st.text(), max_size=5))
def test_the_points_are_the_sum_of_the_parts_up_to_a_hundred(files, not_judged):
    risk = judged("".join(files), tuple(not_judged))
    assert risk.points == min(MOST, sum(part.points for part in risk.parts))
    assert {part.name for part in risk.parts} <= set(PARTS)
    assert all(part.points > 0 and part.why for part in risk.parts)


@given(st.text())
def test_no_text_is_too_odd(text):
    assert 0 <= judged(text).points <= MOST
