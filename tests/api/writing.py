"""Writing updates over the API by token, as programs do."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import CriterionFactory, MilestoneFactory
from tests.steps import TODAY, token

UPDATES = "/api/v1/updates/"
LINK = {
    "title": {"en": "Minutes"},
    "url": "https://example.org/minutes",
    "language": "en",
    "kind": "meeting_record",
    "source": "independent",
}
EVENT = {
    "commitment": "PLAN-1.3",
    "effective_on": str(TODAY),
    "event_type": "participation",
    "summary": {"en": "The ministry attended a meeting."},
    "evidence": [LINK],
}
CRITERIA = ("a", "b")


def add_what_is_named(commitment):
    """Give a commitment what `naming_event` and `assessment` name."""
    for key in CRITERIA:
        CriterionFactory(commitment=commitment, key=key)
    MilestoneFactory(commitment=commitment, key="first")


def naming_event(forum, *, count=1):
    """Return an event that names something of everything, with so many sources."""
    names = {"forums": [forum.code], "criteria": list(CRITERIA), "meets": ["first"]}
    evidence = [
        LINK | {"url": f"https://example.org/{number}", "publisher": {"en": f"Institute {number}"}}
        for number in range(count)
    ]
    return EVENT | names | {"evidence": evidence}


def assessment(events):
    """Return an assessment that rests on these events."""
    ids = [event.pk for event in events]
    found = {key: {"result": "shown", "events": ids} for key in CRITERIA}
    period = {"covers_from": "2026-01-01", "findings": found, "rests_on": ids}
    return EVENT | {"event_type": None, "status": "active"} | period


class Writer:
    """Writes as some people, each with a token. `counts` are the numbers of statements that the
    requests have sent, without those that begin and end transactions."""

    def __init__(self, client, **people):
        self.client, self.counts = client, []
        self.tokens = {name: token(user) for name, user in people.items()}

    def read(self, person, address):
        return self.client.get(address, headers=self._headers(person))

    def create(self, person, body):
        return self._post(person, UPDATES, body, {})

    def act(self, person, action, last, body=None):
        """Perform an action on the update of the last answer."""
        address = f"{UPDATES}{last.json()['id']}/{action}/"
        return self._post(person, address, body or {}, {"If-Match": last.headers["ETag"]})

    def _post(self, person, address, body, headers):
        headers = headers | self._headers(person)
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.post(
                address, body, content_type="application/json", headers=headers
            )
        assert answer.status_code in (200, 201), answer.content
        control = ("SAVEPOINT", "RELEASE SAVEPOINT")
        self.counts.append(sum(not row["sql"].startswith(control) for row in queries))
        return answer

    def _headers(self, person):
        return {"Authorization": f"Token {self.tokens[person]}"}
