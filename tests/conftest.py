"""The people of the tests, by name, and the small worlds they act in."""

import html
import importlib
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core import signals
from django.core.cache import cache
from django.core.management import call_command
from django.db import close_old_connections, connection
from django.test import override_settings
from rest_framework.test import APIClient
from werkzeug.test import Client, TestResponse

from commitments import planfile, planload
from commitments.choices import Kind, Role
from tests import steps
from tests.documents import UPDATES, written
from tests.factories import CommitmentFactory, ForumFactory, OfficeFactory, PlanFactory, UserFactory
from tests.record import play
from tests.steps import NOW
from tracker.wsgi import application

roles = importlib.import_module("commitments.migrations.0002_roles")
triggers = importlib.import_module("commitments.migrations.0003_ledger")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Without the append-only triggers, which forbid what flushes a table between tests."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for statement in triggers.LIFT[connection.vendor]:
            cursor.execute(statement)


@pytest.fixture(autouse=True, scope="session")
def quick_passwords():
    """To take long is what passwords are hashed for; tests have better things to do."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def rows_of_migrations(request, django_db_blocker):
    """A test on a running server leaves emptied tables: the next one gets back what migrations
    put there."""
    marker = request.node.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction"):
        with django_db_blocker.unblock():
            roles.make_groups(apps, None)
            triggers.make_head(apps, None)


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """A running server, started once there is a test database: only then do its threads share the
    connection of a database in memory. One of their own would never be closed."""
    return live_server


@pytest.fixture
def append_only(db):
    """The database as it is in use: decisions can be neither changed nor deleted."""
    with connection.cursor() as cursor:
        for statement in triggers.PUT[connection.vendor]:
            cursor.execute(statement)


# People


@pytest.fixture
def anonymous():
    """Reads what is public."""
    return AnonymousUser()


@pytest.fixture
def visitor(db):
    """Signed in, holds no role: reads what the public reads."""
    return UserFactory(username="visitor", is_staff=False)


@pytest.fixture
def reporter(db):
    """Writes and submits updates on commitments without an office."""
    return UserFactory(username="reporter", roles=[Role.REPORTER])


@pytest.fixture
def other_reporter(db):
    """A reporter who is no member of any office."""
    return UserFactory(username="other_reporter", roles=[Role.REPORTER])


@pytest.fixture
def colleague(office):
    """A reporter who is a member of the office."""
    user = UserFactory(username="colleague", roles=[Role.REPORTER])
    office.members.add(user)
    return user


@pytest.fixture
def reviewer(db):
    """Publishes, returns and retracts what others wrote."""
    return UserFactory(username="reviewer", roles=[Role.REVIEWER])


@pytest.fixture
def other_reviewer(db):
    return UserFactory(username="other_reviewer", roles=[Role.REVIEWER])


@pytest.fixture
def all_rounder(db):
    """Reporter and reviewer in one: the four eyes must still be four."""
    return UserFactory(username="all_rounder", roles=[Role.REPORTER, Role.REVIEWER])


@pytest.fixture
def curator(db):
    """Keeps plans, forums, offices, milestones and assignments; sees everything."""
    return UserFactory(username="curator", roles=[Role.CURATOR])


@pytest.fixture
def administrator(db):
    """A superuser: holds every role, and is bound by four eyes too."""
    return UserFactory(username="administrator", is_superuser=True)


# Worlds


@pytest.fixture
def plan(db):
    return PlanFactory(code="PLAN")


@pytest.fixture
def duty(plan):
    """A standing commitment without an office."""
    return CommitmentFactory(plan=plan, number="1.1", position=1, kind=Kind.STANDING)


@pytest.fixture
def deliverable(plan):
    """A deliverable commitment without an office."""
    return CommitmentFactory(plan=plan, number="1.2", position=2, kind=Kind.DELIVERABLE)


@pytest.fixture
def office(db):
    return OfficeFactory(code="OFFICE")


@pytest.fixture
def office_duty(plan, office):
    """A standing commitment that the office leads."""
    return CommitmentFactory(plan=plan, number="1.3", position=3, lead_office=office)


@pytest.fixture
def forum(db):
    return ForumFactory(code="FORUM")


@pytest.fixture
def iscc(db):
    """The plan that ships with the tracker."""
    return planload.load(planfile.read("fixtures/iscc/plan.yaml"), at=NOW)


@pytest.fixture
def noon():
    """The clock stands still at the steps' moment, noon in Shanghai."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def a_day_later():
    """The clock stands still a day after the steps' moment."""
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield


@pytest.fixture
def record(reporter, reviewer, curator):
    """Something of everything that the ledger speaks of."""
    return play(reporter, reviewer, curator)


# Ways in


@pytest.fixture
def get_page(client):
    """`get_page(path)` is the text of a public page."""

    def get_page(path, status=200):
        answer = client.get(path)
        assert answer.status_code == status, path
        return answer.text

    return get_page


@pytest.fixture
def flat(get_page):
    """`flat(path)` is the same with one blank for all white space, and without entities."""

    def flat(path):
        return html.unescape(" ".join(get_page(path).split()))

    return flat


@pytest.fixture
def signed_in(client):
    """`signed_in(user)` is a browser of the staff side, in which the user has signed in."""

    def signed_in(user):
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def load(tmp_path):
    """`load(document, **options)` is what `load_updates` prints, by the reporter and the reviewer
    unless the options say otherwise."""

    def load(document=UPDATES, **options):
        options = {"author": "reporter", "publish_as": "reviewer"} | options
        told = StringIO()
        path = written(tmp_path / "updates.yaml", document)
        call_command("load_updates", path, stdout=told, stderr=told, **options)
        return told.getvalue()

    return load


@pytest.fixture
def api():
    """`api()` is anonymous, `api(user)` is signed in by a token's authentication."""

    def client(user=None):
        client = APIClient()
        if user is not None and user.is_authenticated:
            client.force_authenticate(user)
        return client

    return client


@pytest.fixture
def few_at_once(settings):
    """The API takes so few requests of one caller that a script meets its limit."""
    settings.API_RATE = "5/second"
    cache.clear()
    yield
    cache.clear()


class Answer(TestResponse):
    """An answer of the served application, told as Django's test client tells it."""

    @property
    def content(self):
        return self.get_data()

    def json(self):
        return self.get_json(force=True)


@pytest.fixture
def one_connection():
    """A request of a server ends with its connection; here the test's transaction lives in it. The
    test client does the same, and undoes it after each request: this comes after what uses it."""
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.fixture
def served(one_connection):
    """Calls the application as gunicorn does: `served.open(path, method=…, data=…)`."""
    return Client(application, response_wrapper=Answer)


# Evidence files


@pytest.fixture
def evidence_folder(settings):
    """The store of the test session, emptied."""
    folder = Path(settings.STORAGES["evidence"]["OPTIONS"]["location"])
    shutil.rmtree(folder, ignore_errors=True)
    return folder


@pytest.fixture
def stored(evidence_folder):
    """What the store holds, by content."""

    def stored():
        return sorted(path.read_bytes() for path in evidence_folder.rglob("*") if path.is_file())

    return stored


@pytest.fixture
def send(api, duty, reporter, noon, evidence_folder):
    """`send(draft, **form)` posts a form to the draft's evidence."""

    def send(update, by=reporter, **form):
        facts = {"title": "Minutes", "kind": "meeting_record", "source": "independent"}
        facts |= {"file": steps.upload()} | form
        form = {name: value for name, value in facts.items() if value is not None}
        address = f"/api/v1/updates/{update.pk}/evidence/"
        return api(by).post(address, form, format="multipart")

    return send


@pytest.fixture
def bare_draft(duty, reporter):
    """A draft without evidence."""
    return steps.draft(duty, reporter, evidence=())


@pytest.fixture
def linked(duty, reporter, reviewer):
    """`linked(*addresses)` publishes an update with these links; gives the pieces of evidence."""

    def linked(*addresses, **fields):
        pieces = [{**steps.REPORT, "citation": "", "url": url, "title": url} for url in addresses]
        update = steps.published(duty, reporter, reviewer, evidence=pieces, **fields)
        return list(update.evidence.order_by("pk"))

    return linked
