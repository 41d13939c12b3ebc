"""What a check's report says decides, and nothing that merely lies beside it: formats, spoilt pieces, ids that change from run to run."""

import re

import pytest

from tests.support.command import ONE, Desk, oracle_of, phase_of
from tests.support.reports import SAMPLES, VITEST
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

APP = {"app.txt": "one\n"}
JUNIT = b"<?xml version='1.0'?><testsuite name='s' tests='2' failures='0'><testcase name='a'/><testcase name='b'/></testsuite>"
BESIDE = {
    "build/jacoco.xml": b"<?xml version='1.0'?><!DOCTYPE report PUBLIC '-//JACOCO//DTD Report 1.1//EN' 'report.dtd'><report name='shop'><package/></report>",
    "build/coverage.xml": b"<?xml version='1.0'?>\n<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/x.dtd'><coverage><packages/></coverage>",
    "build/testng-results.xml": b"<testng-results failed='1'><suite name='s'><test><class><test-method status='FAIL'/></class></test></suite></testng-results>",
    "build/main.xml": b"<checkstyle version='10'><file name='A.java'><error severity='error' message='x'/></file></checkstyle>",
    "build/empty.xml": b"",
    "build/cut.xml": b"<?xml version='1.0'",
}


def checked_with(tmp_path, files, command, fmt, path=None, **ci):
    """A run of one phase whose check leaves these files behind, or prints one of them."""
    desk = Desk.make(tmp_path, {**APP, **{f"said/{name}": data for name, data in files.items()}})
    results = {"format": fmt, **({"path": path} if path else {})}
    desk.plan(phase_of("one", max_attempts=2, ci={"command": command, "timeout_s": 60, "results": results, **ci}))
    with scripted_server(oracle_of(ONE, APP)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
        return desk, done, server.calls


COPY = "cp -R said/build build"
PATTERN = "build/**/*.xml"


def test_what_is_no_junit_report_under_the_pattern_is_passed_over(tmp_path):
    desk, done, _ = checked_with(tmp_path, {**BESIDE, "build/test/TEST-a.xml": JUNIT}, COPY, "junit", PATTERN)
    assert done.exit_code == 0, done.stdout + done.stderr
    (phase,) = desk.status("r")["phases"]
    assert (phase["attempts"], phase["checks"]["passed"]) == (1, 2)


def test_a_spoilt_character_makes_no_green_check_red(tmp_path):
    names = [b"a \xff", b"a \xef\xbf\xbf", b"a &#xD83D;", b"a \x1b[31m", b"a & b", b"a &nbsp;"]
    reports = {f"build/{number}.xml": JUNIT.replace(b"'a'", b"'" + name + b"'") for number, name in enumerate(names)}
    desk, done, _ = checked_with(tmp_path, reports, COPY, "junit", PATTERN)
    assert done.exit_code == 0, done.stdout + done.stderr
    (phase,) = desk.status("r")["phases"]
    assert (phase["attempts"], phase["checks"]["passed"]) == (1, 12)


def test_a_piece_that_cannot_be_read_costs_that_piece_and_is_named(tmp_path):
    report = JUNIT.replace(b"<testcase name='b'/>", b"\n<testcase name=b></testcse>\n<testcase name='c'/>")
    desk, done, _ = checked_with(tmp_path, {"build/a.xml": report}, COPY, "junit", PATTERN)
    assert done.exit_code == 0, done.stdout + done.stderr
    (attempt,) = desk.autopack("show", "r", "one", "--json").json["attempts"]
    assert "build/a.xml, line 2" in attempt["checks"]["steps"][0]["detail"]


def green(sample_format, text):
    """The runner's own words, of tests that all pass."""
    if sample_format == "tap":
        return re.sub(r"(?m)^( *)not ok (?!.*# SKIP)", r"\1ok ", text)
    if sample_format == "trx":
        return (
            re.sub(r'outcome="(Failed|Timeout)"', 'outcome="Passed"', text)
            .replace('failed="1"', 'failed="0"')
            .replace('timeout="1"', 'timeout="0"')
        )
    if sample_format == "go":
        return "\n".join(line for line in text.split("\n") if "broken" not in line and "slow" not in line).replace('"fail"', '"pass"')
    return re.sub(r"(?s)<failure.*?</failure>", "", text).replace('failures="1"', 'failures="0"').replace('"failure"', '"none"')


def test_every_format_of_the_table_is_read_through_a_run(tmp_path):
    samples = {name.replace(" ", "-"): sample for name, sample in SAMPLES.items() if name != "gtest json"}
    command = {
        "tap": "cat said/{0}",
        "go": "cat said/{0}",
        "trx": 'mkdir -p "$AUTOPACK_OUT/TestResults" && cp said/{0} "$AUTOPACK_OUT/TestResults/a.trx"',
        "gtest": 'mkdir -p "${{GTEST_OUTPUT#xml:}}" && cp said/{0} "${{GTEST_OUTPUT#xml:}}cart_test.xml"',
    }
    steps = [{"command": command[one.format].format(name), "results": {"format": one.format}} for name, one in samples.items()]
    desk = Desk.make(tmp_path, {**APP, **{f"said/{name}": green(one.format, one.text) for name, one in samples.items()}})
    desk.plan(phase_of("one", max_attempts=1, ci={"steps": steps}))
    with scripted_server(oracle_of(ONE, APP)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 0, done.stdout + done.stderr
    (attempt,) = desk.autopack("show", "r", "one", "--json").json["attempts"]
    green_go = {"go": 3}
    assert {name: step["passed"] for name, step in zip(samples, attempt["checks"]["steps"], strict=True)} == {
        name: green_go.get(name, len(one.passed) + len(one.failed)) for name, one in samples.items()
    }


def test_a_red_report_of_another_format_tells_the_builder_which_test(tmp_path):
    desk = Desk.make(tmp_path, {**APP, "said.tap": VITEST})
    command = "if grep -q two app.txt; then cat said.tap; exit 1; fi; echo 1..1; echo ok 1 - z"
    desk.plan(
        phase_of("one", max_attempts=2, ci={"command": command, "timeout_s": 60, "results": {"format": "tap"}, "flaky": {"reruns": 0}})
    )
    with scripted_server(oracle_of(ONE, APP)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 1
        asked = server.asked("builder")[1].text
    assert "t/cart.test.js > cart > deep > subs # 1" in asked
    assert "expected 1 to be 2" in asked


COUNT = 'n=$(cat "{0}" 2>/dev/null || echo 0); n=$((n + 1)); echo $n > "{0}"'


def changing(tmp_path, line, name="count"):
    """A command that prints another id for the same tests each time it runs; ``$n`` counts."""
    return f"{COUNT.format(tmp_path / name)}; echo 1..3; echo ok 1 plain; {line}"


def test_ids_that_change_from_run_to_run_weaken_no_test(tmp_path):
    lines = [
        'echo "ok 2 adds in 1${n}ms"; echo "ok 3 subs in $((n * 7)) ms"',
        'echo "ok 2 [3f2b8c1e-0c4d-4b7a-9f6e-1a2b3c4d5e${n}f]"; echo "ok 3 on 2026-11-1$n"',
        'echo "ok 2 reads /tmp/tmpab12cd$n/x"; echo "ok 3 <Shop object at 0x7f3a12b$n>"',
        'echo "ok 2 port [4711$n]"; echo "ok 3 seed [$((n * 31))]"',
    ]
    desk = Desk.make(tmp_path, {**APP, "tests/test_a.js": "// expects\n"})
    ci = {"steps": [{"command": changing(tmp_path, line, f"count{at}"), "results": {"format": "tap"}} for at, line in enumerate(lines)]}
    desk.plan(phase_of("one", "app.txt", "tests/", max_attempts=2, ci=ci), phase_of("two", max_attempts=2, ci=ci))
    changes = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}
    with scripted_server(oracle_of(changes, APP)) as server:
        done = desk.beside(server).with_env(AUTOPACK_SANDBOX="off").autopack("run", "--run-id", "r", "--json")
    assert done.exit_code == 0, done.stdout + done.stderr
    assert [phase["attempts"] for phase in desk.status("r")["phases"]] == [1, 1]
    assert not done.told("step_tests")


def test_an_old_failure_whose_id_changes_is_forgiven(tmp_path):
    desk = Desk.make(tmp_path, APP)
    line = 'echo "not ok 2 t [4711$n] at 2026-11-1$n"; grep -q three app.txt && echo not ok 3 new || echo ok 3 new; exit 1'
    ci = {"command": changing(tmp_path, line), "timeout_s": 60, "results": {"format": "tap"}, "baseline": "parent", "flaky": {"reruns": 0}}
    desk.plan(phase_of("one", max_attempts=1, ci=ci), phase_of("worse", max_attempts=1, ci=ci))
    changes = {"one": {"app.txt": "two\n"}, "worse": {"app.txt": "three\n"}}
    with scripted_server(oracle_of(changes, APP)) as server:
        done = desk.beside(server).with_env(AUTOPACK_SANDBOX="off").autopack("run", "--run-id", "r", "--json")
    one, worse = desk.status("r")["phases"]
    assert (one["state"], worse["state"]) == ("complete", "failed"), done.stderr
    assert (one["checks"]["newly_failed"], worse["checks"]["newly_failed"]) == (0, 1)


def test_a_test_of_chance_that_is_gone_altogether_is_missed(tmp_path):
    desk = Desk.make(tmp_path, APP)
    line = 'grep -q one app.txt && echo "ok 2 port [4711$n]" || echo "ok 2 other"; echo "ok 3 seed [$((n * 31))]"'
    desk.plan(phase_of("one", max_attempts=1, ci={"command": changing(tmp_path, line), "timeout_s": 60, "results": {"format": "tap"}}))
    with scripted_server(oracle_of(ONE, APP)) as server:
        desk.beside(server).with_env(AUTOPACK_SANDBOX="off").autopack("run", "--run-id", "r", "--json")
        told = [call.text for call in server.calls][-1]
    assert "port [4711" in told + str(desk.status("r"))
    assert "seed" not in str(desk.status("r"))
