import json
import time
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopack.checks.results.cases import Cases, gather
from autopack.checks.results.formats import FORMATS
from autopack.core.plan import Results
from tests.support.reports import SAMPLES

READERS = {name: one.read for name, one in FORMATS.items()}


def _results(name, data):
    found = FORMATS[name].read(data)
    return found and gather(FORMATS[name].names(found.cases), is_complete=found.is_complete)


def test_a_plan_may_name_every_format_and_no_other():
    assert set(get_args(Results.model_fields["format"].annotation)) == set(FORMATS)
    assert {sample.format for sample in SAMPLES.values()} <= set(FORMATS)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_runners_write_is_read(name):
    sample = SAMPLES[name]
    results = _results(sample.format, sample.text.encode())
    assert (results.passed, results.failed, results.skipped, results.errors) == (
        tuple(sorted(sample.passed)),
        tuple(sorted(sample.failed)),
        tuple(sorted(sample.skipped)),
        sample.errors,
    )
    assert results.is_complete
    assert bool(results.details) is (name != "bats")


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "go"])  # whose packages end one by one
def test_one_that_breaks_off_is_never_complete_with_fewer_failures(name):
    sample = SAMPLES[name]
    whole, data = _results(sample.format, sample.text.encode()), sample.text.encode()
    for end in range(0, len(data), 7):
        results = _results(sample.format, data[:end])
        assert results is None or not results.is_complete or len(results.red) >= len(whole.red)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_stream_is_read_the_same_however_its_bytes_arrive(name):
    sample = SAMPLES[name]
    make = FORMATS[sample.format].stream
    if make is None:
        return
    reader = make()
    for byte in sample.text.encode():
        reader.feed(bytes([byte]))
    assert reader.finish() == FORMATS[sample.format].read(sample.text.encode())


_PIECES = st.sampled_from(
    [
        *(b"<testsuites>", b"<testsuite name='a' failures='1'>", b"<testcase name='b'>", b'<testcase name="c"/>', b"</testcase>"),
        *(
            b"<failure message='x'>",
            b"</failure>",
            b"</testsuite>",
            b"</testsuites>",
            b"<![CDATA[",
            b"]]>",
            b"<!--",
            b"-->",
            b"<!DOCTYPE a [",
            b"]>",
        ),
        *(
            b"<?xml version='1.0' encoding='",
            b"utf-16'?>",
            b"&#xD83D;",
            b"&#99999999;",
            b"&amp;",
            b"\xff",
            b"\xef\xbf\xbf",
            b"<",
            b">",
            b"'",
            b'"',
        ),
        *(
            b"<TestRun>",
            b"<UnitTestResult testName='a' outcome='Failed'>",
            b"</UnitTestResult>",
            b"<Counters failed='9'/>",
            b"<Message>",
            b"</TestRun>",
        ),
        *(
            b"ok 1 - a {\n",
            b"not ok 2 - b # time=1ms {\n",
            b"    ok 1 - c\n",
            b"}\n",
            b"{\n",
            b"1..2\n",
            b"  ---\n",
            b"  ...\n",
            b"Bail out!\n",
            b"\n",
        ),
        *(
            b'{"Action":"run","Package":"p","Test":"T"}\n',
            b'{"Action":"fail","Package":"p"}\n',
            b'{"Action":1}\n',
            b'{"Action":"pass","Package":"p","Test":"T\\ud83d"}\n',
        ),
        *(
            b'{"testsuites":[{"testsuite":[{"name":"a","failures":[{}]}]}]}',
            b"[" * 50,
            b"\xff\xfe",
            b"\xfe\xff",
            b"\x00",
            b"\xed\xa0\xbd",
            b" " * 40,
        ),
    ]
)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=300, deadline=None)
@given(data=st.lists(st.one_of(_PIECES, st.binary(max_size=6)), max_size=40).map(b"".join))
def test_nothing_that_stands_in_a_report_is_a_defect(name, data):
    found = READERS[name](data)
    assert found is None or isinstance(found, Cases)
    if found is not None:
        named = list(FORMATS[name].names(found.cases))
        assert len(gather(named, is_complete=found.is_complete).passed) <= len(named)


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("junit", b"<testsuite name='s'>" + b"<testcase name='t'>" * 20),
        ("junit", b"<testsuite><a b='<a c=\"' "),
        ("junit", b"<!x "),
        ("junit", b"<testsuite><![CDATA["),
        ("junit", b"<testsuite a='"),
        ("junit", b"<testsuite " + b" " * 50),
        ("junit", b"</a></b >"),
        ("junit", b"<testsuite name='&#"),
        ("trx", b"<TestRun><UnitTestResult><Message>"),
        ("tap", b"ok 1 - a {\n    ok 1 - b # {\n"),
        ("tap", b"ok\n  ---\n" + b"  line\n" * 5),
        ("tap", b" # ## #skip"),
        ("go", b'{"Action":"output","Package":"p","Output":"x"}\n'),
        ("go", b"{{{{"),
        ("gtest", b'{"testsuites":[['),
    ],
)
def test_four_times_as_much_takes_no_more_than_about_four_times_as_long(name, piece):
    def seconds(data):
        began = time.process_time()
        READERS[name](data)
        return time.process_time() - began

    small = piece * (400_000 // len(piece))
    assert seconds(small * 4) < 12 * seconds(small) + 0.5


@pytest.mark.parametrize("name", ["junit", "trx", "tap", "go"])
def test_many_tests_take_seconds(name):
    count = 50_000
    text = {
        "junit": lambda: (
            "<testsuite name='s'>" + "".join(f"<testcase classname='a.b' name='t{i}'/>\n" for i in range(count)) + "</testsuite>"
        ),
        "trx": lambda: "<TestRun>" + "".join(f"<UnitTestResult testName='t{i}' outcome='Passed'/>" for i in range(count)) + "</TestRun>",
        "tap": lambda: f"1..{count}\n" + "".join(f"ok {i} t{i}\n" for i in range(count)),
        "go": lambda: (
            "".join(json.dumps({"Action": "pass", "Package": "p", "Test": f"t{i}"}) + "\n" for i in range(count))
            + '{"Action":"pass","Package":"p"}\n'
        ),
    }[name]().encode()
    began = time.process_time()
    results = _results(name, text)
    assert time.process_time() - began < 60
    assert len(results.passed) == count
    assert results.is_complete
