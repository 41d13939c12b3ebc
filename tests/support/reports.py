"""What test runners really wrote, a little shortened: of each the text, and the ids in it that passed, failed and were skipped."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Sample:
    format: str
    text: str
    passed: tuple[str, ...]
    failed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


VITEST: Final = """TAP version 13
1..3
not ok 1 - t/bad.test.js
    ---
    error:
        name: "Error"
        message: "Failed to load url ./nosuch.js (resolved id: ./nosuch.js). Does the file exist?"
    at: "/shop/node_modules/vite/dist/node/chunks/dep-BK3b2jBa.js:51969:17"
    ...
not ok 2 - t/cart.test.js # time=8.16ms {
    1..6
    not ok 1 - cart # time=7.76ms {
        1..2
        ok 1 - adds { # time=0.87ms
        not ok 2 - deep # time=6.46ms {
            1..1
            not ok 1 - subs \\# 1 # time=6.30ms
                ---
                error:
                    name: "AssertionError"
                    message: "expected 1 to be 2 // Object.is equality"
                at: "/shop/t/cart.test.js:2:108"
                actual: "1"
                expected: "2"
                ...
        }
    }
    ok 2 - emoji \U0001f600 # time=0.09ms
    ok 3 - later # SKIP
    ok 4 - some day # TODO
    ok 5 - off # SKIP {
        1..1
        ok 1 - x # SKIP
    }
    ok 6 - empty after all { # SKIP {
        1..1
        ok 1 - y # SKIP
    }
}
ok 3 - t/ok.test.js # time=1.22ms {
    1..1
    ok 1 - z # time=0.61ms
}
"""

NODE_TAP: Final = """TAP version 13
ok 1 - test/add.js # time=10.5ms {
    # Subtest: adds
        ok 1 - expect to equal
        1..1
    ok 1 - adds # time=2ms
    1..1
}

not ok 2 - test/sub.js # time=5ms
  ---
  exitCode: 1
  ...
{
    not ok 1 - should be equal
      ---
      diff: |
        -1
        +2
      ...
    1..1
}

1..2
# failed 1 of 2 tests
"""

BATS: Final = """1..3
ok 1 adds in 2ms
not ok 2 subs { in 7ms
# (in test file a.bats, line 2)
#   `@test "subs {" { [ 1 -eq 2 ]; }' failed
ok 3 later in 2ms # skip no
"""

BATS_13: Final = """TAP version 13
1..3
ok 1 adds
  ---
  duration_ms: 6
  ...
not ok 2 subs {
  ---
  duration_ms: 1
  message: |
    (in test file b/a.bats, line 2)
      `@test "subs {" { [ 1 -eq 2 ]; }' failed
  ...
not ok 3 later # SKIP no
  ---
  duration_ms: 3
  ...
"""

TRX: Final = """\ufeff<?xml version="1.0" encoding="utf-8"?>
<TestRun id="3e5652b8-f41b-4e07-b3d2-5f28f4f6cc08" name="@ubuntu 2025-01-22 23:28:25" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
  <Times creation="2025-01-22T23:28:25.8095145+05:30" start="2025-01-22T23:28:25.1581777+05:30" />
  <Results>
    <UnitTestResult executionId="104b04fb-6049" testId="t1" testName="Test2" computerName="ubuntu" duration="00:00:00.0003390" outcome="Passed" relativeResultsDirectory="x">
      <Output><StdOut>Suite2 - Test2 passed.</StdOut></Output>
    </UnitTestResult>
    <UnitTestResult executionId="e4854018" testId="t2" testName="Shop.Tests.CartTests.Adds(a: 1, b: &lt;2&gt;)" outcome="Failed">
      <Output>
        <ErrorInfo>
          <Message>Assert.Equal() Failure: Expected: 3</Message>
          <StackTrace>   at Shop.Tests.CartTests.Adds() in CartTests.cs:line 42</StackTrace>
        </ErrorInfo>
      </Output>
    </UnitTestResult>
    <UnitTestResult executionId="e5" testId="t3" testName="Later" outcome="NotExecuted" />
    <UnitTestResult executionId="e6" testId="t4" testName="Rows" outcome="Failed">
      <InnerResults>
        <UnitTestResult executionId="e7" testId="t4" testName="Rows (Data Row 0)" outcome="Passed" />
        <UnitTestResult executionId="e8" testId="t4" testName="Rows (Data Row 1)" outcome="Timeout" />
      </InnerResults>
    </UnitTestResult>
  </Results>
  <TestDefinitions>
    <UnitTest name="Test2" storage="shop.dll" id="t1"><TestMethod codeBase="shop.dll" className="Shop.Tests.Suite2" name="Test2" /></UnitTest>
    <UnitTest name="Adds" id="t2"><TestMethod className="Shop.Tests.CartTests" name="Adds" /></UnitTest>
    <UnitTest name="Later" id="t3"><TestMethod className="Shop.Tests.CartTests, Shop, Version=1.0" name="Later" /></UnitTest>
    <UnitTest name="Rows" id="t4"><TestMethod className="Shop.Tests.CartTests" name="Rows" /></UnitTest>
  </TestDefinitions>
  <ResultSummary outcome="Failed"><Counters total="5" executed="4" passed="2" failed="1" error="0" timeout="1" aborted="0" /></ResultSummary>
</TestRun>
"""

GTEST: Final = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" disabled="1" errors="0" time="0" timestamp="2026-09-14T08:05:33.946" name="AllTests">
  <testsuite name="Rectangle" tests="4" failures="1" disabled="1" skipped="1" errors="0" time="0" timestamp="2026-09-14T08:05:33.946">
    <testcase name="Area" file="t.cpp" line="2" status="run" result="completed" time="0" classname="Rectangle" />
    <testcase name="Wrong" file="t.cpp" line="3" status="run" result="completed" time="0" classname="Rectangle">
      <failure message="t.cpp:3&#x0A;Expected equality of these values:&#x0A;  5&#x0A;  2 * 2" type=""><![CDATA[t.cpp:3
Expected equality of these values:
  5
  2 * 2]]></failure>
    </testcase>
    <testcase name="DISABLED_Later" file="t.cpp" line="4" status="notrun" result="suppressed" time="0" classname="Rectangle" />
    <testcase name="Skips" file="t.cpp" line="5" status="run" result="skipped" time="0" classname="Rectangle">
      <skipped message="t.cpp:5&#x0A;not yet"><![CDATA[t.cpp:5
not yet]]></skipped>
    </testcase>
  </testsuite>
</testsuites>
"""

GTEST_JSON: Final = """{"tests": 3, "failures": 1, "disabled": 1, "errors": 0, "time": "0s", "name": "AllTests",
  "testsuites": [{"name": "Rectangle", "tests": 3, "testsuite": [
    {"name": "Area", "file": "t.cpp", "line": 2, "status": "RUN", "result": "COMPLETED", "time": "0s", "classname": "Rectangle"},
    {"name": "Wrong", "status": "RUN", "result": "COMPLETED", "classname": "Rectangle", "failures": [{"failure": "t.cpp:3\\n\\ud83d 5", "type": ""}]},
    {"name": "DISABLED_Later", "status": "NOTRUN", "result": "SUPPRESSED", "classname": "Rectangle"}]}]}
"""

GO: Final = """go: downloading example.com/x v1.0.0
{"ImportPath":"example.com/m/broken [example.com/m/broken.test]","Action":"build-output","Output":"# example.com/m/broken [example.com/m/broken.test]\\n"}
{"ImportPath":"example.com/m/broken [example.com/m/broken.test]","Action":"build-output","Output":"./args.go:149:6: undefined: commandNameMatches\\n"}
{"ImportPath":"example.com/m/broken [example.com/m/broken.test]","Action":"build-fail"}
{"Time":"2026-06-10T15:57:06Z","Action":"start","Package":"example.com/m/broken"}
{"Time":"2026-06-10T15:57:06Z","Action":"output","Package":"example.com/m/broken","Output":"FAIL\\texample.com/m/broken [build failed]\\n"}
{"Time":"2026-06-10T15:57:06Z","Action":"fail","Package":"example.com/m/broken","Elapsed":0,"FailedBuild":"example.com/m/broken [example.com/m/broken.test]"}
{"Action":"start","Package":"example.com/m"}
{"Action":"run","Package":"example.com/m","Test":"TestAdd"}
{"Action":"output","Package":"example.com/m","Test":"TestAdd","Output":"=== RUN   TestAdd\\n"}
{"Action":"run","Package":"example.com/m","Test":"TestAdd/negative"}
{"Action":"pass","Package":"example.com/m","Test":"TestAdd/negative","Elapsed":0}
{"Action":"pass","Package":"example.com/m","Test":"TestAdd","Elapsed":0}
{"Action":"run","Package":"example.com/m","Test":"TestSkip"}
{"Action":"skip","Package":"example.com/m","Test":"TestSkip","Elapsed":0}
{"Action":"run","Package":"example.com/m","Test":"TestFail"}
{"Action":"output","Package":"example.com/m","Test":"TestFail","Output":"    m_test.go:9: boom\\n"}
{"Action":"fail","Package":"example.com/m","Test":"TestFail","Elapsed":0.01}
{"Action":"fail","Package":"example.com/m","Elapsed":0.01}
{"Action":"start","Package":"example.com/m/slow"}
{"Action":"run","Package":"example.com/m/slow","Test":"TestHangs"}
{"Action":"output","Package":"example.com/m/slow","Test":"TestHangs","Output":"panic: test timed out after 1s\\n"}
{"Action":"fail","Package":"example.com/m/slow","Elapsed":1.0}
{"Action":"start","Package":"example.com/m/none"}
{"Action":"output","Package":"example.com/m/none","Output":"?   \\texample.com/m/none\\t[no test files]\\n"}
{"Action":"skip","Package":"example.com/m/none","Elapsed":0}
FAIL
"""

_CART: Final = "Shop.Tests.CartTests"
SAMPLES: Final[dict[str, Sample]] = {
    "vitest": Sample(
        "tap",
        VITEST,
        ("t/cart.test.js > cart > adds {", "t/cart.test.js > emoji \U0001f600", "t/ok.test.js > z"),
        ("t/bad.test.js", "t/cart.test.js > cart > deep > subs # 1"),
        (
            "t/cart.test.js > empty after all { > y",
            "t/cart.test.js > later",
            "t/cart.test.js > off > x",
            "t/cart.test.js > some day",
        ),
    ),
    "node-tap": Sample("tap", NODE_TAP, ("test/add.js > adds > expect to equal",), ("test/sub.js > should be equal",)),
    "bats": Sample("tap", BATS, ("adds",), ("subs {",), ("later",)),
    "bats tap13": Sample("tap", BATS_13, ("adds",), ("subs {",), ("later",)),
    "dotnet": Sample(
        "trx",
        TRX,
        (f"{_CART}.Rows (Data Row 0)", "Shop.Tests.Suite2.Test2"),
        (f"{_CART}.Adds(a: 1, b: <2>)", f"{_CART}.Rows (Data Row 1)"),
        (f"{_CART}.Later",),
    ),
    "gtest": Sample("gtest", GTEST, ("Rectangle.Area",), ("Rectangle.Wrong",), ("Rectangle.DISABLED_Later", "Rectangle.Skips")),
    "gtest json": Sample("gtest", GTEST_JSON, ("Rectangle.Area",), ("Rectangle.Wrong",), ("Rectangle.DISABLED_Later",)),
    "go": Sample(
        "go",
        GO,
        ("example.com/m > TestAdd", "example.com/m > TestAdd/negative"),
        ("example.com/m > TestFail", "example.com/m/slow > TestHangs"),
        ("example.com/m > TestSkip",),
        ("example.com/m/broken > [build failed]",),
    ),
}
