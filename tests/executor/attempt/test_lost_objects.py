"""What a `git gc --prune=now` took is made again, as the same thing, or the attempt says that it cannot be."""

import pytest

from autopack.core.candidate import Candidate, DerivedFile, DerivedFiles
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.core.failure import FailureKind
from autopack.core.step_names import StepName
from autopack.executor.attempt.lost_objects import has_blobs, judge_makeable, judge_same, whole_or_again
from autopack.executor.steer.verbs import adopt


def never():
    raise AssertionError("it was made again")


def test_a_candidate_that_git_has_is_not_made_again(run):
    step, candidate = run.candidate({"app.txt": "two\n"})
    assert whole_or_again(run.site.repository, step, StepName.CANDIDATE, candidate, never) == candidate


@pytest.mark.parametrize("lost", ["commit", "blob"])
def test_a_candidate_of_which_git_lost_anything_is_made_again_and_the_new_one_is_recorded(run, lost):
    step, candidate = run.candidate({"app.txt": "two\n"})
    object_id = candidate.commit if lost == "commit" else run.git("rev-parse", f"{candidate.commit}:app.txt")
    run.lose(object_id)
    other = candidate.model_copy(update={"commit": run.head()})
    assert whole_or_again(run.site.repository, step, StepName.CANDIDATE, candidate, lambda: other) == other
    assert run.steps(step.key).recorded(StepName.CANDIDATE, Candidate) == other


def test_a_blob_that_git_lost_is_missed_and_a_deletion_has_none(run):
    blob = run.git("hash-object", "-w", "docs/notes.txt")
    assert has_blobs(run.site.repository, DerivedFiles())
    assert has_blobs(run.site.repository, DerivedFiles(files=(DerivedFile(path="a", blob=None),)))
    derived = DerivedFiles(files=(DerivedFile(path="a", blob=blob), DerivedFile(path="b", blob="1" * 40)))
    assert not has_blobs(run.site.repository, derived)
    assert has_blobs(run.site.repository, DerivedFiles(files=derived.files[:1]))


def test_files_that_come_out_otherwise_end_the_attempt(run):
    judge_same(is_same=True)
    with pytest.raises(AttemptFailed, match="git gc --prune=now") as failed:
        judge_same(is_same=False)
    assert failed.value.kind is FailureKind.DERIVE_FAILED


def test_nobody_can_make_a_persons_commit_again(run):
    run.asking()
    commit = run.commit({"app.txt": "two\n"}, on=run.head())
    adopt(run.helm, "one", commit)
    step = run.steps(run.ctx.state.phases.open_attempt("one"))
    candidate = step.recorded(StepName.CANDIDATE, Candidate)
    assert candidate.commit == commit
    with pytest.raises(EnvironmentBlockedError, match=f"The commit {commit[:10]} that was adopted is no longer whole"):
        judge_makeable(step, candidate)


def test_what_a_builder_made_can_be_made_again(run):
    step, candidate = run.candidate({"app.txt": "two\n"})
    judge_makeable(step, candidate)
    assert step.recorded(StepName.CANDIDATE, Candidate) == candidate
