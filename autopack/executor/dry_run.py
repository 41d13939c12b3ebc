"""What a run would do, said without making anything or asking anybody."""

from autopack.context.gather import Rules, gather
from autopack.core.clock import Clock
from autopack.core.context import PhaseContext
from autopack.core.plan import PhaseSpec
from autopack.executor.choose_run import Chosen, choose_run
from autopack.executor.make_workbench import branch_of
from autopack.executor.options import RunOptions
from autopack.executor.place import open_place
from autopack.executor.provisions import Provisions, judge_model, provisions_of
from autopack.executor.start_run import judge_words
from autopack.worktree.base_tree import BaseTree


def outlook(options: RunOptions, clock: Clock) -> tuple[str, ...]:
    """Lines for a person. Raises what ``start_run`` raises for words, repository, plan, configuration and branch."""
    judge_words(options)
    place = open_place(options.repo, clock, is_dry=True)
    chosen = choose_run(place, options, clock.now())
    provisions = provisions_of(place, chosen.plan)
    judge_model(provisions, options.model)
    if chosen.row is None:
        place.repository.judge_branch(branch_of(chosen, provisions.settings))
    tree = BaseTree(place.repository.git, chosen.base)
    goes_on = "goes on" if chosen.row else "would be made"
    lines = [f"run {chosen.run_id} {goes_on}: base {chosen.base[:10]}, {len(chosen.plan.phases)} phases"]
    for number, phase in enumerate(chosen.plan.phases, 1):
        lines += _phase(number, phase, _context(phase, tree, provisions, chosen), provisions)
    return tuple(lines)


def _context(phase: PhaseSpec, tree: BaseTree, provisions: Provisions, chosen: Chosen) -> PhaseContext:
    return gather(
        phase,
        tree,
        (),
        Rules(tree.commit, provisions.settings.context_tokens(phase.complexity), provisions.redactor, chosen.plan.instructions),
    )


def _phase(number: int, phase: PhaseSpec, context: PhaseContext, provisions: Provisions) -> list[str]:
    models = provisions.settings.models
    after = f" after {', '.join(phase.depends_on)}" if phase.depends_on else ""
    characters = sum(len(text) for file in context.files for _, text in file.stretches)
    modes = {mode: sum(file.mode == mode for file in context.editable) for mode in ("full_file", "diff", "structured_edit")}
    forms = ", ".join(f"{count} as {mode.replace('_', ' ')}" for mode, count in modes.items() if count) or "none"
    checks = "; ".join(step.command if isinstance(step.command, str) else " ".join(step.command) for step in phase.ci.steps)
    return [
        f"{number:3}. {phase.id} ({phase.complexity}){after}",
        f"     files shown: {forms}; new: {len(context.new_paths)}; about {characters // 4:,} tokens",
        f"     builder: {', '.join(models.builder.get(phase.complexity, ()))}; auditor: {', '.join(models.auditor)}",
        f"     checks: {checks or f'skipped ({phase.ci.reason})'}",
    ]
