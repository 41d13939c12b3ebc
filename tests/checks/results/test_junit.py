import time

import pytest

from autopack.checks.results.cases import CASES_MAX, CaseOutcome, gather
from autopack.checks.results.junit import junit_names, read_junit

SUREFIRE = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.acme.CartTest" time="0.07" tests="5" errors="1" skipped="1" failures="1">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="adds" classname="com.acme.CartTest" time="0.01"/>
  <testcase name="removes" classname="com.acme.CartTest"><failure message="expected: &lt;1&gt; but was: &lt;2&gt;" type="AssertionFailedError"><![CDATA[at CartTest.java:14]]></failure></testcase>
  <testcase name="explodes" classname="com.acme.CartTest"><error message="NPE" type="java.lang.NullPointerException">at Cart.java:3</error></testcase>
  <testcase name="later" classname="com.acme.CartTest"><skipped/></testcase>
  <testcase name="shaky" classname="com.acme.CartTest"><flakyFailure message="once" type="x"><stackTrace>at</stackTrace></flakyFailure></testcase>
</testsuite>"""

JEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="2" failures="1" errors="0" time="0.8">
  <testsuite name="cart" errors="0" failures="1" skipped="0" timestamp="2026-01-01T00:00:00" time="0.5" tests="2">
    <testcase classname="cart adds" name="cart adds" time="0.003" file="src/cart.test.js"></testcase>
    <testcase classname="cart removes" name="cart removes" time="0.001" file="src/cart.test.js"><failure>Error: expect(received).toBe(expected)</failure></testcase>
  </testsuite>
</testsuites>"""

GO = """<testsuites>
  <testsuite tests="2" failures="1" time="0.004" name="example.com/shop/cart">
    <properties><property name="go.version" value="go1.22"></property></properties>
    <testcase classname="cart" name="TestAdd/negative" time="0.000"></testcase>
    <testcase classname="cart" name="TestRemove" time="0.000"><failure message="Failed" type="">cart_test.go:9: boom</failure></testcase>
  </testsuite>
  <testsuite tests="1" failures="0" errors="1" name="example.com/shop/broken">
    <testcase classname="broken" name="[build failed]"><error message="Build error">undefined: x</error></testcase>
  </testsuite>
</testsuites>"""


def _results(text):
    cases = read_junit(text.encode() if isinstance(text, str) else text)
    return gather(junit_names(cases.cases), is_complete=cases.is_complete)


def test_surefire_with_an_error_in_a_test_and_a_flaky_one():
    results = _results(SUREFIRE)
    assert results.passed == ("com.acme.CartTest > adds", "com.acme.CartTest > shaky")
    assert results.failed == ("com.acme.CartTest > explodes", "com.acme.CartTest > removes")
    assert results.skipped == ("com.acme.CartTest > later",)
    assert results.errors == ()
    assert results.is_complete
    assert dict(results.details)["com.acme.CartTest > removes"] == "expected: <1> but was: <2>\nat CartTest.java:14"


def test_jest():
    results = _results(JEST)
    assert results.passed == ("src/cart.test.js > cart adds",)
    assert results.failed == ("src/cart.test.js > cart removes",)


def test_go_with_a_package_that_does_not_build():
    results = _results(GO)
    assert results.passed == ("example.com/shop/cart > cart > TestAdd/negative",)
    assert results.failed == ("example.com/shop/cart > cart > TestRemove",)
    assert results.errors == ("example.com/shop/broken > broken > [build failed]",)


def test_nested_suites_make_the_id():
    text = "<testsuites><testsuite name='a'><testsuite name='b'><testcase name='c' classname='test'/></testsuite></testsuite><testcase name='c'/></testsuites>"
    assert _results(text).passed == ("a > b > c", "c")


def test_tests_of_one_name_are_told_apart():
    text = "<testsuite name='s'><testcase name='t'/><testcase name='t'><failure/></testcase></testsuite>"
    results = _results(text)
    assert (results.passed, results.failed) == (("s > t",), ("s > t (2)",))


def test_a_report_that_breaks_off_is_incomplete_and_keeps_what_it_has():
    results = _results(SUREFIRE[: SUREFIRE.index('<testcase name="later"')])
    assert not results.is_complete
    assert "com.acme.CartTest > removes" in results.failed


JACOCO = '<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="shop"><package name="a"><class name="a/B"/></package></report>'
COBERTURA = "<?xml version='1.0'?>\n<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>\n<coverage line-rate='1'><packages/></coverage>"
TESTNG = "<testng-results skipped='0' failed='1'><reporter-output/><suite name='s'><test name='t'><class name='c'><test-method status='FAIL'/></class></test></suite></testng-results>"
CHECKSTYLE = "<checkstyle version='10'><file name='A.java'><error line='1' severity='error' message='x'/></file></checkstyle>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "<?xml version='1.0'?>",
        "not xml",
        "<a>",
        b"\xff\xfe<\0",
        "</b>",
        JACOCO,
        COBERTURA,
        TESTNG,
        CHECKSTYLE,
        "<!doctype html><p>",
    ],
)
def test_what_is_no_junit_report_is_passed_over(text):
    assert read_junit(text.encode() if isinstance(text, str) else text) is None


@pytest.mark.parametrize(
    "spoilt",
    [
        b"<testcase name='a \xff'/>",
        b"<testcase name='a \xef\xbf\xbf'/>",
        b"<testcase name='a &#xD83D;'/>",
        b"<testcase name='a &#xFFFF;'/>",
        b"<testcase name='a \xed\xa0\xbd'/>",
    ],
)
def test_a_character_that_is_none_costs_that_character(spoilt):
    cases = read_junit(b"<testsuite name='s'>" + spoilt + b"<testcase name='b'/></testsuite>")
    assert (cases.is_complete, cases.unread) == (True, ())
    assert cases.cases[0].name.rstrip("\ufffd") == "a "
    assert cases.cases[1].name == "b"


def test_two_halves_of_a_character_make_one():
    assert _results("<testsuite name='s'><testcase name='&#xD83D;&#xDE00; &#128512;'/></testsuite>").passed == (
        "s > \U0001f600 \U0001f600",
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("<testsuite>\n<testcase name='a & b'/><testcase name='c &nbsp;'/></testsuite>", ["a & b", "c &nbsp;"]),
        ("<testsuite>\n<testcase name='a' classname=x/><testcase name='b'/></testsuite>", ["a", "b"]),
        ('<testsuite>\n<testcase name="a "quoted" b"/><testcase name="b"/></testsuite>', ["a ", "b"]),
        ("<testsuite>\n<testcase name='a'><testcase name='b'/></testsuite>", ["a", "b"]),
        ("<testsuite>\n<testcase name='a'>1 < 2</testcase></system-out><testcase name='b'/></testsuite>", ["a", "b"]),
        ("<testsuite><testcase name='a'/></testsuite>\n<?xml version='1.0'?><testsuite><testcase name='b'/></testsuite>", ["a", "b"]),
    ],
)
def test_a_piece_that_is_not_well_formed_costs_that_piece_and_is_named(text, names):
    cases = read_junit(text.encode())
    assert cases.is_complete
    assert [case.name for case in cases.cases] == names
    assert set(cases.unread) <= {2}
    assert bool(cases.unread) is not ("&" in text or "?xml" in text), "what reads all the same is no piece that is lost"


def test_a_suite_that_counts_more_failures_than_it_lists_is_incomplete():
    assert not _results("<testsuite name='s' failures='2' errors='0'><testcase name='t'><failure/></testcase></testsuite>").is_complete


def test_a_suite_that_fails_as_a_whole_is_an_error():
    assert _results("<testsuite name='s' errors='1'><error message='before hook'/></testsuite>").errors == ("s > (suite)",)


def test_nothing_that_a_document_type_defines_is_looked_up_or_expanded():
    bomb = "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY a 'lol'>" + "".join(
        f"<!ENTITY {name} '{('&' + before + ';') * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    began = time.process_time()
    results = _results(bomb + "]><testsuite name='s'><testcase name='&i;'/></testsuite>")
    assert time.process_time() - began < 5
    assert results.passed == ("s > &i;",)
    external = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><testsuite name='s'><testcase name='&x;'/></testsuite>"
    assert _results(external).passed == ("s > &x;",)


def test_depth_and_number_are_bounded():
    assert not _results("<testsuite>" * 5000).is_complete
    began = time.process_time()
    many = _results("<testsuite name='s'>" + "<testcase name='t'/>" * (CASES_MAX + 10) + "</testsuite>")
    assert not many.is_complete
    assert time.process_time() - began < 60


def test_long_names_and_texts_are_cut():
    cases = read_junit(
        f"<testsuite name='s'><testcase name='{'n' * 50_000}'><failure>{'x' * 500_000}</failure></testcase></testsuite>".encode()
    )
    assert len(cases.cases[0].name) <= 1_000
    assert len(cases.cases[0].text) <= 6_000


def test_control_characters_of_coloured_output_do_not_spoil_the_report():
    text = b"<testsuite name='s'><testcase name='t'><failure>\x1b[31mred\x1b[0m &#27;[1m &#x1B;&#x0; ok &#10;&#65;</failure></testcase></testsuite>"
    cases = read_junit(text)
    assert cases.is_complete
    assert cases.cases[0].outcome is CaseOutcome.FAILED
    assert cases.cases[0].text.split() == ["[31mred[0m", "[1m", "ok", "A"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_other_encodings_are_read(encoding):
    text = f"<?xml version='1.0' encoding='{encoding}'?><testsuite name='s'><testcase name='grün'/></testsuite>"
    assert _results(text.encode(encoding)).passed == ("s > grün",)
