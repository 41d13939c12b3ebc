import pytest

from autopack.core.call import Reply, StopReason, Usage
from autopack.core.errors import InvalidInputError
from autopack.planning.new.questions import Question, findings_of, questions_of, questions_text, read_answers

ASKED = (Question(id="how", question="How: loudly?", why="Two plans\nfollow.", default="- softly"), Question(id="b", question="b?"))


def reply(text, stop=StopReason.END):
    return Reply(text=text, stop=stop, usage=Usage(), provider="p", requested_model="m", answering_model="m", received_at=0)


def test_questions_come_back_as_answers_and_what_is_left_empty_is_its_default(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(questions_text(ASKED).replace('answer: ""', "answer: Very.", 1), "utf-8")
    assert read_answers(file, "a.yaml").text == "How: loudly?\n  Very.\nb?\n  (by default) "


@pytest.mark.parametrize("text", ["no JSON", '{"questions": 1}', '{"questions": [{"id": 1}]}'])
def test_questions_that_cannot_be_read_are_none(text):
    assert questions_of(reply(text)) == ()


def test_a_cut_finding_is_none():
    assert findings_of(reply('{"a": 1}', StopReason.MAX_TOKENS)) == {}
    assert findings_of(reply('{"a": 1}')) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "holds no answers"), ("answers: [{id: a}]", "`answers\\[0\\]` has no `question`"), ("a: [", "cannot be read")],
)
def test_a_file_without_answers_is_refused(tmp_path, text, sentence):
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    with pytest.raises(InvalidInputError, match=sentence):
        read_answers(tmp_path / "a.yaml", "a.yaml")
