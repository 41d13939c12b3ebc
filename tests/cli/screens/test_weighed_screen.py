from autopack.cli.screens.weighed_screen import weighed_lines
from autopack.core.test_runs import ChangedTest, NewTests, OldTests

OLD = OldTests(
    touched=("t.py",),
    changed=(ChangedTest(test="t::a", how="it fails"), ChangedTest(test="t::b", how="it fails", allowed="the scope names it")),
    gone=("t::c",),
    before="one old\ntwo old\n",
    after="one new\n",
)


def shown(old, new, width):
    return [line.plain for line in weighed_lines(old, new, "", width)]


def test_both_outputs_stand_side_by_side_where_there_is_room():
    lines = shown(OLD, NewTests(fail_without=("t::d",)), 120)
    assert "2 changed, 1 gone" in lines[0]
    assert any("t::b: it fails (allowed: the scope names it)" in line for line in lines)
    assert any("fail without the change: t::d" in line for line in lines)
    assert any("one old" in line and "one new" in line for line in lines)


def test_both_outputs_stand_below_one_another_where_there_is_none():
    lines = shown(OLD, None, None)
    assert [line.strip() for line in lines[-5:]] == [
        "the old tests on the new code:",
        "one old",
        "two old",
        "the new tests on the new code:",
        "one new",
    ]


def test_nothing_is_shown_beside_where_all_is_allowed():
    allowed = OldTests(touched=("t.py",), changed=OLD.changed[1:], before="x", after="y")
    assert not any("the old tests on" in line for line in shown(allowed, None, 120))
    assert "the old ones pass on the new code" in shown(OldTests(touched=("t.py",)), None, 80)[0]
