"""Writes the report of a defect of the server, below the records of the first repository that it shows."""

from fastapi import Request

from autopack.core.redaction import Redactor
from autopack.dashboard.server import server_of
from autopack.reporting.error_files import OUTSIDE, errors_folder, write_outside
from autopack.reporting.error_report import Circumstances, report_of
from autopack.settings.key_variables import suspected_values
from autopack.settings.own_files import RECORDS


def report_defect(request: Request, error: Exception) -> None:
    place = server_of(request).places.all[0]
    top = place.repository.top
    circumstances = Circumstances("defect", request=f"{request.method} {request.url.path}")
    report = report_of(error, circumstances, Redactor(suspected_values(place.environment, top)), place.clock.now())
    write_outside(errors_folder(top / RECORDS, OUTSIDE), report)
