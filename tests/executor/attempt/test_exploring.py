"""Who is offered tools, and when there is no round left; that calls are answered, recorded and replayed is shown end to end."""

from dataclasses import replace

import pytest

from autopack.core.call import Role, ToolCall, Turn
from autopack.core.context import FileShown, PhaseContext
from autopack.core.exploring import READING, ToolName
from autopack.core.settings import ContextSettings, ExploreSettings, Settings
from autopack.executor.attempt.exploring import Explorer, chosen_tools
from tests.support.asking import prompt
from tests.support.text_tree import phase_of

SMALL = FileShown(path="a.py", mode="full_file", total_lines=2, stretches=((1, "x\ny"),))
LONG = FileShown(path="a.py", mode="full_file", total_lines=400, stretches=((1, "x" * 16_001),))
PART = FileShown(path="a.py", mode="structured_edit", total_lines=900, is_whole=False, stretches=((1, "x"),))


def tools(*files, phase="auto", has_sandbox=False, unshown=(), **limits):
    context = PhaseContext(base_commit="c", files=files, unshown=unshown)
    return chosen_tools(Settings(explore=ExploreSettings(**limits)), phase_of("a.py", explore=phase), context, has_sandbox=has_sandbox)


@pytest.mark.parametrize(
    ("given", "has_tools"),
    [
        ({"files": (SMALL,)}, False),
        ({"files": (LONG,)}, True),
        ({"files": (PART,)}, True),
        ({"files": (SMALL,), "unshown": ("b.py",)}, True),
        ({"files": (PART,), "mode": "off"}, False),
        ({"files": (PART,), "mode": "off", "phase": "on"}, True),
        ({"files": (SMALL,), "mode": "on"}, True),
        ({"files": (SMALL,), "mode": "on", "phase": "off"}, False),
        ({"files": (PART,), "max_rounds": 0}, False),
    ],
)
def test_tools_are_offered_where_a_small_scope_is_not_wholly_shown_or_where_it_is_said(given, has_tools):
    files = given.pop("files")
    assert tools(*files, **given) == (READING if has_tools else ())


def test_commands_are_offered_in_a_sandbox_alone():
    assert tools(PART, has_sandbox=True) == (*READING, ToolName.RUN)


def explorer(run, rounds=3, offered=READING, **settings):
    ctx = replace(run.ctx, site=replace(run.site, settings=run.ctx.settings.model_copy(update=settings)))
    return Explorer(ctx, run.phase(), run.begin(), Role.BUILDER, run.head(), offered, rounds)


def looked(characters=10):
    return Turn(calls=(ToolCall(name="list", arguments="{}"),), results=("x" * characters,))


def test_the_tools_are_closed_after_the_last_round_and_only_then(run):
    exploring = explorer(run)
    told = Turn(said="{}", told="more")
    closed = [exploring.prompt(prompt(), turns).must_answer for turns in ((), (looked(), told, looked()), (looked(),) * 3)]
    assert closed == [False, False, True]


def test_the_tools_are_closed_where_what_was_found_is_as_much_as_a_prompt_may_be(run):
    exploring = explorer(run, rounds=50, context=ContextSettings(max_tokens=2_000))
    assert [exploring.prompt(prompt(), (looked(size),)).must_answer for size in (3_000, 5_000)] == [False, True]


def test_who_is_offered_no_tools_is_asked_as_if_there_were_none(run):
    asked = explorer(run, rounds=0, offered=()).prompt(prompt(), ())
    assert asked == prompt()
