import pytest

from autopack.planning.templates.test_places import is_test, new_test


@pytest.mark.parametrize(
    ("tracked", "beside", "wanted"),
    [
        (["tests/test_a.py", "tests/unit/test_b.py", "tests/unit/test_c.py"], ["src/x.py"], "tests/unit/test_file_safety.py"),
        (["pkg/a_test.go", "pkg/a.go", "cmd/b.go"], ["cmd/b.go"], "cmd/file_safety_test.go"),
        (["src/a.test.tsx", "src/deep/b.test.tsx"], ["src/deep/b.tsx"], "src/deep/file-safety.test.tsx"),
        (["__tests__/a.spec.js"], ["a.js"], "__tests__/file-safety.spec.js"),
        (["test/a.js", "test/helper.js"], ["a.js"], "test/file_safety.js"),
        (["tests/cli.rs", "tests/common/mod.rs"], ["src/main.rs"], "tests/file_safety.rs"),
        (["spec/a_spec.rb"], [], "spec/file_safety_spec.rb"),
        (["src/test/java/org/ATest.java"], [], "src/test/java/org/FileSafetyTest.java"),
        (["a.py", "README.md"], ["a.py"], None),
    ],
)
def test_a_new_test_is_named_and_placed_as_the_project_does(tracked, beside, wanted):
    assert new_test("file-safety", tracked, beside) == wanted


@pytest.mark.parametrize("path", ["tests/data/x.py", "a_test.go", "src/a.spec.ts", "test_a.py", "pkg/testdata/x.go"])
def test_tests_and_what_belongs_to_them_are_known(path):
    assert is_test(path)


@pytest.mark.parametrize("path", ["contest.py", "src/latest/a.ts", "attest.go"])
def test_other_files_are_not(path):
    assert not is_test(path)
