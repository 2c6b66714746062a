"""A hostile sheet is refused, or shown first and loaded as it was shown; either way there is no
error of the server, and nothing stays of a sheet that was refused.

`python -m pytest -m long -s tests/hostile/test_sheets.py` prints how much was tried.
"""

import io
from collections import Counter

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from commitments.models import Commitment, Decision, Milestone, Office, Plan
from tests.hostile import sheets
from tests.hostile.corpus import SCRIPT, TEXTS
from tests.hostile.test_corpus import stored_files

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    # openpyxl warns of parts that it does not know.
    pytest.mark.filterwarnings("ignore::UserWarning:openpyxl"),
]

WRITTEN = (Commitment, Decision, Milestone, Office, Plan, User)


def written():
    return [model.objects.count() for model in WRITTEN]


@pytest.fixture
def desks(duty, office, curator, administrator):
    """A client for each page that takes a sheet, of somebody who may load one there."""
    desks = {}
    for page, name in sheets.PAGES.items():
        desks[page] = Client()
        desks[page].force_login(User.objects.get(username=name))
    return desks


def tried(desk, page, sent):
    """Send a sheet to a page and, if it is shown without a mistake, load it. Return what came of
    it."""
    files, rows = stored_files(), written()
    answer = desk.post(page, {"check": "1", **sent})
    assert written() == rows
    # Rows that were pasted stay on the page.
    if answer.status_code == 302 or "sheet_problems" not in answer.context:
        assert not stored_files() - files, "the file of a sheet that was refused has stayed"
        assert SCRIPT not in getattr(answer, "text", "")
        return "refused"
    assert answer.status_code == 200, f"answered {answer.status_code}"
    assert SCRIPT not in answer.text
    if answer.context["sheet_problems"]:
        return "with mistakes"
    shown = {name: answer.context[name] for name in ("staged", "shown")}
    with transaction.atomic():
        loaded = desk.post(page, {"load": "1", "reason": "As agreed.", **shown})
        transaction.set_rollback(True)
    assert loaded.status_code in (200, 302), f"answered {loaded.status_code}"
    return "loaded"


@pytest.mark.parametrize("kind", sheets.KINDS)
def test_hostile_sheets_on_the_pages_that_take_sheets(kind, desks, capsys):
    make, least = sheets.KINDS[kind]
    made, outcomes, wrong = list(make()), Counter(), []
    for name, content in made:
        for page, desk in desks.items():
            try:
                with transaction.atomic():
                    sheet = SimpleUploadedFile(name, content)
                    outcomes[tried(desk, page, {"sheet": sheet})] += 1
            except Exception as error:
                # What a view raises is a 500 to whoever sent the sheet.
                wrong.append((f"{type(error).__name__} {error}"[:200], page, name, content[:99]))
    with capsys.disabled():
        print(f"\n  {len(made)} sheets of the kind “{kind}”: {dict(outcomes)}")
    assert Counter(error for error, *_rest in wrong) == {}, wrong[:3]
    assert len(made) >= least
    assert outcomes["refused"] > 0


def pasted():
    """Yield what somebody may paste that no spreadsheet copies."""
    # No form can send half of a character.
    texts = [text for text in TEXTS if text != "\ud800"]
    for text in [*texts, *sheets.HEADERS[:20], '"', '"a\t"b"c', "a\rb", "\r\r\n", '"' * 9999]:
        yield text
        yield f"number\tlead_office\n1.1\t{text}\n"
        yield f"username\toffices\n{text}\tOFFICE\n"


def test_hostile_rows_that_are_pasted(desks, capsys):
    outcomes, wrong = Counter(), []
    for text in pasted():
        for page, desk in desks.items():
            try:
                with transaction.atomic():
                    outcomes[tried(desk, page, {"pasted": text})] += 1
            except Exception as error:
                wrong.append((f"{type(error).__name__} {error}"[:200], page, text[:99]))
    with capsys.disabled():
        print(f"\n  {sum(outcomes.values())} pasted rows: {dict(outcomes)}")
    assert Counter(error for error, *_rest in wrong) == {}, wrong[:3]
    assert sum(outcomes.values()) >= 200


PLAN = {
    "format": 1,
    "plan": {"code": "TABLE", "languages": ["en"], "title": {"en": "A table"}, "time_zone": "UTC"},
}


@pytest.mark.parametrize("kind", sheets.KINDS)
def test_hostile_sheets_as_plans(kind, office, tmp_path, capsys):
    base, outcomes = tmp_path / "base.yaml", Counter()
    base.write_text(yaml.safe_dump(PLAN))
    rows = written()
    for name, content in sheets.KINDS[kind][0]():
        path = tmp_path / f"sheet{name[-5:] if name.endswith('.xlsx') else '.csv'}"
        path.write_bytes(content)
        out = {"stdout": io.StringIO(), "stderr": io.StringIO()}
        try:
            with transaction.atomic():
                call_command("load_plan", str(path), base=str(base), kind="deliverable", **out)
                transaction.set_rollback(True)
        except CommandError:
            outcomes["refused"] += 1
            assert written() == rows, (name, content[:200])
        else:
            outcomes["taken"] += 1
    with capsys.disabled():
        print(f"\n  {sum(outcomes.values())} plans of the kind “{kind}”: {dict(outcomes)}")
