"""A database of every release can be brought up to date, with all that is in it.

Until there is a release, the database is one of the code as it is.
"""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import User
from django.db.migrations.exceptions import IrreversibleError
from django.test import Client

from commitments.models import Commitment, Decision, ProgressUpdate
from tests.operations.backup.sites import Site
from tests.release.frozen import freeze, frozen_rows, migrate, migrate_to, thaw
from tests.release.site import LOADED, make_site
from tests.steps import published
from tools import migrations

# Not `alike`: what a migration does depends on the database (`tests.run --upgrades`).
pytestmark = [pytest.mark.long]

RELEASED = sorted(migrations.RELEASED.glob("*.json.gz"))
AFTER = LOADED + timedelta(days=1)


@pytest.fixture(scope="module", params=RELEASED or ["now"], ids=lambda path: Path(path).stem)
def file(request, databases, django_db_blocker, tmp_path_factory):
    """The file of a release."""
    if RELEASED:
        return request.param
    path = tmp_path_factory.mktemp("frozen") / "now.json.gz"
    with django_db_blocker.unblock(), Site(databases) as site:
        site.use()
        migrate()
        make_site()
        freeze(path, "now")
    return path


@pytest.fixture
def before(file, any_site):
    """The document of a release, whose tables, rows and files the site now has."""
    any_site.use()
    return thaw(file)


# What later migrations took away on purpose, "app.Model" or "app.Model.column": why, and if its
# content went elsewhere, the test of that.
TAKEN_AWAY = {}


def lost_rows(before, after):
    """Return the tables and columns that are gone, and the rows that are not there any more with
    the same values, but for what was taken away on purpose."""
    lost = []
    for label in sorted(before["rows"].keys() - TAKEN_AWAY.keys()):
        if label not in after:
            lost.append(label)
        elif before["rows"][label]:
            lost += _lost_from(label, before["rows"][label], after[label])
    return lost


def _lost_from(label, before, after):
    key = apps.get_model(label)._meta.pk.attname
    now = {row[key]: row for row in after}
    kept = [name for name in before[0] if f"{label}.{name}" not in TAKEN_AWAY]
    gone = [name for name in kept if after and name not in after[0]]
    names = [name for name in kept if name not in gone]
    changed = [(label, row) for row in before if not is_kept(row, now.get(row[key]), names)]
    return [f"{label}.{name}" for name in gone] + changed


def is_kept(row, now, names):
    return now is not None and all(now[name] == row[name] for name in names)


OFFICES, KEPT = "commitments.Office", {"id": 1, "code": "MFA"}


@pytest.mark.parametrize(
    ("after", "lost"),
    [
        ({OFFICES: [KEPT]}, []),
        ({OFFICES: [{**KEPT, "added": ""}, {**KEPT, "id": 2, "added": ""}]}, []),
        ({}, [OFFICES]),
        ({OFFICES: [{"id": 1}]}, [f"{OFFICES}.code"]),
        ({OFFICES: []}, [(OFFICES, KEPT)]),
        ({OFFICES: [{**KEPT, "code": ""}]}, [(OFFICES, KEPT)]),
        ({OFFICES: [{**KEPT, "id": 2}]}, [(OFFICES, KEPT)]),
    ],
)
def test_a_table_a_column_or_a_row_that_is_gone_is_found(after, lost):
    assert lost_rows({"rows": {OFFICES: [KEPT]}}, after) == lost


@pytest.mark.parametrize(
    ("name", "after"), [(OFFICES, {}), (f"{OFFICES}.code", {OFFICES: [{"id": 1}]})]
)
def test_what_was_taken_away_on_purpose_is_listed(monkeypatch, name, after):
    monkeypatch.setitem(TAKEN_AWAY, name, "Nobody used it.")
    assert lost_rows({"rows": {OFFICES: [KEPT]}}, after) == []


def test_an_upgrade_keeps_every_row(before):
    migrate()
    assert lost_rows(before, frozen_rows()) == []


def test_an_upgrade_can_be_taken_back(before):
    migrate()
    try:
        state = migrate_to(before)
    except IrreversibleError:
        pytest.skip("a later migration says that it cannot be taken back")
    assert lost_rows(before, frozen_rows(state.apps)) == []


def test_an_upgraded_site_agrees_with_its_ledger(before, any_site):
    migrate()
    with time_machine.travel(AFTER):
        printed, failure = any_site.run("verify_ledger")
    assert failure == ""
    assert printed.startswith("No difference"), printed
    assert Decision.objects.count() == len(before["rows"]["commitments.Decision"])


def test_work_goes_on_after_an_upgrade(before, any_site):
    migrate()
    reporter, reviewer = (User.objects.get(username=name) for name in ("reporter", "reviewer"))
    update = published(Commitment.objects.get(number="9.1"), reporter, reviewer, AFTER)
    assert update.pk == max(ProgressUpdate.objects.values_list("pk", flat=True))
    with time_machine.travel(AFTER):
        assert any_site.run("verify_ledger")[1] == ""
        assert Client().get(f"/api/v1/updates/{update.pk}/").status_code == 200
        assert Client().get("/en/ISCC/").status_code == 200
