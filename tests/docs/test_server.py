import re
from pathlib import Path

from tests.support.openapi import document

TEXT = (Path(__file__).parents[2] / "docs" / "server.md").read_text("utf-8")


def test_every_route_stands_on_the_page_of_the_server():
    spelled = TEXT.replace("ID", "{run_id}").replace("PHASE", "{phase_id}").replace("NAME.json", "{file}").replace("NAME", "{log}")
    verbs = re.compile(r"/runs/\{run_id\}/phases/\{phase_id\}/(\w+)|/api/auth/session.*")
    missing = [path for path in document()["paths"] if path not in spelled and not verbs.fullmatch(path)]
    assert missing == []
