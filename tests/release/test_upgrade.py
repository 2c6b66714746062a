"""A database of every release can be brought up to date, with all that is in it.

So can one of the code as it is, as if it were the next release: a table that `make_site` leaves
empty is found before `make freeze` keeps it.
"""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.exceptions import IrreversibleError
from django.test import Client

from commitments import __version__
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.ledger.proofs.notes import SigningKey
from commitments.models import (
    Checkpoint,
    Commitment,
    Cosignature,
    Decision,
    Evidence,
    LedgerNode,
    ProgressUpdate,
    WebhookSubscriber,
)
from commitments.webhooks.signatures import signing_secrets
from tests.one_time_codes import code_of
from tests.operations.backup.sites import Site
from tests.release.frozen import (
    freeze,
    freeze_archive,
    frozen_rows,
    migrate,
    migrate_to,
    read_frozen,
    thaw,
    thaw_archive,
)
from tests.release.site import APP_SECRET, KEY_NAME, LOADED, make_site
from tests.steps import published
from tools import migrations

# Not `alike`: what a migration does depends on the database (`tests.run --upgrades`).
pytestmark = [pytest.mark.long]

RELEASED = sorted(migrations.RELEASED.glob("*.json.gz"))
NOW = Path("now.json.gz")
AFTER = LOADED + timedelta(days=1)
# Tables that a restore leaves as they are.
RECORD = [
    model._meta.label for model in (Commitment, ProgressUpdate, Evidence, Decision, Cosignature)
]


# What the tracker never writes into a site, or makes again by itself.
UNUSED = {
    "account.EmailAddress",
    "account.EmailConfirmation",
    "admin.LogEntry",
    "auth.Group_permissions",
    "auth.User_user_permissions",
    "axes.AccessAttemptExpiration",
    "axes.AccessFailureLog",
    "commitments.Dump",
}


def archive_beside(path):
    return path.with_name(path.name.replace(".json.gz", ".tar.gz"))


@pytest.fixture(scope="module", params=[*RELEASED, NOW], ids=lambda path: path.name)
def file(request, databases, django_db_blocker, tmp_path_factory):
    """The file of a release, or of the code as it is."""
    if request.param != NOW:
        return request.param
    path = tmp_path_factory.mktemp("frozen") / NOW
    with django_db_blocker.unblock(), Site(databases) as site:
        site.use()
        migrate()
        make_site()
        freeze(path, __version__)
        freeze_archive(archive_beside(path), LOADED)
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


def test_the_site_of_a_release_has_something_in_every_table(file):
    assert {label for label, rows in read_frozen(file)["rows"].items() if not rows} <= UNUSED


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


def test_sqlite_knows_what_is_in_an_index_that_an_upgrade_adds(file, before):
    """Without that, it takes the index for queries that other indexes answer faster."""
    if connection.vendor != "sqlite" or file not in RELEASED:
        pytest.skip("of SQLite, and of upgrades alone")
    migrate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT idx FROM sqlite_stat1 WHERE idx = 'commitment_current_state'")
        assert cursor.fetchall() == [("commitment_current_state",)]


def test_an_upgraded_site_agrees_with_its_ledger(before, any_site):
    migrate()
    with time_machine.travel(AFTER):
        printed, failure = any_site.run("verify_ledger")
    assert failure == ""
    assert printed.startswith("No difference"), printed
    for model in (Decision, LedgerNode, Checkpoint, Cosignature):
        assert model.objects.count() == len(before["rows"][model._meta.label])


def test_secrets_are_read_after_an_upgrade(before):
    """They are encrypted with the SECRET_KEY of the tests, which therefore stays."""
    migrate()
    app = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert TOTP(app).validate_code(code_of(APP_SECRET))
    assert len(signing_secrets(WebhookSubscriber.objects.get(), LOADED)) == 2


def test_a_backup_of_a_release_is_restored(file, any_site, tmp_path):
    if file in RELEASED and connection.vendor != "sqlite":
        pytest.skip("the backups of releases are those of sites on SQLite")
    any_site.use()
    with time_machine.travel(AFTER):
        printed, failure = any_site.run("restore", thaw_archive(archive_beside(file), tmp_path))
    assert failure == ""
    assert "No difference" in printed
    document, after = read_frozen(file), frozen_rows()
    document["rows"] = {label: document["rows"][label] for label in RECORD}
    for row in document["rows"]["commitments.ProgressUpdate"]:
        # A restore raises those of updates that can still change.
        del row["revision"]
    assert lost_rows(document, after) == []
    assert len(any_site.files()) == len(document["files"])


def test_work_goes_on_after_an_upgrade(before, any_site):
    migrate()
    reporter, reviewer = (User.objects.get(username=name) for name in ("reporter", "reviewer"))
    update = published(Commitment.objects.get(number="9.1"), reporter, reviewer, AFTER)
    assert update.pk == max(ProgressUpdate.objects.values_list("pk", flat=True))
    with time_machine.travel(AFTER):
        assert sign_checkpoint(SigningKey.generate(f"{KEY_NAME}/3"), AFTER)
        assert any_site.run("verify_ledger")[1] == ""
        assert Client().get(f"/api/v1/updates/{update.pk}/").status_code == 200
        assert Client().get("/en/ISCC/").status_code == 200
