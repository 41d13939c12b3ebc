from autopack.planning.templates.fit import Terrain, places
from autopack.planning.templates.template import Find, TemplatePhase


def phase(**keys):
    return TemplatePhase(**{"id": "auth", "features": ("auth",), "description": "d", "acceptance_criteria": ("c",), **keys})


def place(files, **keys):
    terrain = Terrain({path: len(text) for path, text in files.items()}, lambda paths: {path: files[path] for path in paths})
    return places([phase(**keys)], terrain)["auth"]


def found(files, **keys):
    at = place(files, **keys)
    return at.found if at is not None else None


LOGIN = {"find": Find(paths=("**/auth/**",), words=("login", "session", "password"))}


def test_files_are_found_by_pattern_in_any_case_and_a_whole_folder_stands_for_its_files():
    assert found({"src/Auth/a.py": "", "src/Auth/b.py": "", "src/c.py": ""}, **LOGIN) == ("src/Auth/",)


def test_files_are_found_by_the_words_of_their_names_not_by_letters_in_them():
    assert found({"userLogin.ts": "", "catalogin.ts": "", "password_reset.ts": ""}, **LOGIN) == ("password_reset.ts", "userLogin.ts")


def test_where_no_name_tells_several_words_of_the_text_do():
    files = {"server.js": "// login, Sessions and password\n", "other.js": "login()\n"}
    at = place(files, **LOGIN)
    assert at.found == ("server.js",)
    assert at.why == "found by login, password, session in texts"


def test_nothing_is_found_in_documents_tests_foreign_and_closed_files():
    files = {"docs/login.md": "", "node_modules/login/index.js": "", ".github/workflows/login.yml": "", "tests/test_login.py": ""}
    assert found(files, **LOGIN) is None


def test_a_phase_is_given_the_tests_that_are_there_and_a_name_for_its_own():
    at = place({"login.py": "", "tests/test_login.py": "", "tests/test_other.py": ""}, **LOGIN)
    assert at.paths == ("login.py", "tests/test_login.py", "tests/test_auth.py")


def test_a_phase_of_words_gets_documents_and_patterns_for_very_many():
    files = {f"docs/{number:02}.md": "" for number in range(20)}
    keys = {"tests": False, "find": Find(paths=("docs/**/*.md", "README*"))}
    assert found(files, **keys) == ("docs/**/*.md",)
    assert found({"readme.md": "", **dict(list(files.items())[:2])}, **keys) == ("docs/00.md", "docs/01.md", "readme.md")


def test_what_a_phase_may_make_belongs_to_its_place_once():
    keys = {"tests": False, "find": Find(paths=("*.md",)), "creates": ("docs/x.md", "a.md"), "read_only_context": ("readme*",)}
    at = place({"a.md": "", "README.rst": ""}, **keys)
    assert (at.paths, at.new, at.read_only) == (("a.md", "docs/x.md"), ("docs/x.md",), ("README.rst",))
