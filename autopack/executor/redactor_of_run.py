"""The redactor for commands that only look at a run."""

from autopack.core.errors import UserError
from autopack.core.redaction import Redactor
from autopack.executor.pinned import pinned_plan
from autopack.executor.place import Place
from autopack.executor.provisions import provisions_of
from autopack.settings.key_variables import suspected_values
from autopack.store.tables import RunRow


def redactor_of_run(place: Place, run: RunRow) -> Redactor:
    """What the run's own redactor knew, as far as the variables are set here.

    Looking needs no sound configuration and no plan that this version reads: where one is missing, names that speak of a secret decide.
    """
    try:
        return provisions_of(place, pinned_plan(place, run)).redactor
    except UserError:
        return Redactor(suspected_values(place.environment, place.repository.top))
