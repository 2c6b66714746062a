"""Whatever address somebody gives the tracker, for webhooks or as a source, nothing that is not
public is ever connected to; what was refused is not stored.

`python -m pytest -m long -s tests/hostile/test_targets.py` prints how much was tried.
"""

import json
import socket
from collections import Counter
from ipaddress import ip_address
from urllib.parse import quote

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from commitments.links.probe import LinkProbe, ProbeLimits
from commitments.models import Evidence, WebhookSubscriber
from commitments.webhooks.sending import send_ping
from tests import described
from tests.hostile import targets
from tests.links.odd_server import odd_server
from tests.steps import NOW, token

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("noon"),
]

ADD = "/admin/commitments/webhooksubscriber/add/"
LIMITS = ProbeLimits(total_seconds=2, step_seconds=1)
getaddrinfo, connect = socket.getaddrinfo, socket.socket.connect


class Network:
    """Resolves names as `targets.NAMES` says, and all others to a public address, where nothing
    listens. `reached` counts what was connected to, but for an open server of the test's own."""

    def __init__(self):
        self.reached, self.open_port = Counter(), 0

    def resolve(self, host, port, *args, **kwargs):
        kwargs["flags"] = socket.AI_NUMERICHOST
        try:
            # Numbers in every notation that the C library reads.
            return getaddrinfo(host, port, *args, **kwargs)
        except socket.gaierror:
            known = targets.NAMES.get(str(host).lower().rstrip("."), [targets.PUBLIC])
        if "localhost" in str(host):
            known = ["127.0.0.1", "::1"]
        return [row for ip in known for row in getaddrinfo(ip, port, *args, **kwargs)]

    def connect(self, sock, address):
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            return connect(sock, address)
        if address[1] == self.open_port:
            return connect(sock, address)
        self.reached[address[0]] += 1
        raise ConnectionRefusedError

    def private(self):
        """Return what was connected to and is no server of the public. Some numbers with zeros
        before them are of other addresses, which may be public."""
        listed = {*targets.PRIVATE, *targets.PRIVATE_6}
        return [ip for ip in self.reached if ip in listed or not ip_address(ip).is_global]


@pytest.fixture
def network(monkeypatch):
    network = Network()
    monkeypatch.setattr(socket, "getaddrinfo", network.resolve)

    def connect_by(sock, address):
        network.connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", connect_by)
    return network


@pytest.fixture
def print_counts(capsys):
    def print_counts(what, outcomes):
        with capsys.disabled():
            print(f"\n  {outcomes.total()} {what}: {dict(outcomes)}")

    return print_counts


@pytest.mark.parametrize("kind", targets.KINDS)
def test_no_webhook_goes_to_a_hostile_address(
    kind, network, administrator, signed_in, print_counts
):
    client, outcomes, wrong = signed_in(administrator), Counter(), []
    make, least = targets.KINDS[kind]
    for address in make():
        try:
            values = {"name": "Mirror", "url": address, "begin": "now"}
            answer = client.post(ADD, values)
        except UnicodeEncodeError:
            outcomes["cannot be sent"] += 1
            continue
        except Exception as error:
            wrong.append((address[:99], type(error).__name__, str(error)[:200]))
            continue
        row = WebhookSubscriber.objects.first()
        if answer.context.get("secret") is None:
            outcomes["refused"] += 1
            assert row is None, address
            continue
        error = send_ping(row, NOW).error
        outcomes[error] += 1
        assert error, address
        assert client.get(f"{ADD[:-4]}{row.pk}/change/").status_code == 200
        row.delete()
    print_counts(f"addresses of the kind “{kind}” for webhooks", outcomes)
    assert wrong == []
    assert network.private() == []
    assert outcomes.total() >= least


@pytest.mark.parametrize("kind", targets.KINDS)
def test_no_link_of_a_source_leads_to_a_hostile_address(
    kind, network, duty, reporter, print_counts, monkeypatch
):
    # Addresses in other scripts are shown as they were written, which is no URI.
    monkeypatch.setattr(described, "check", lambda *answer: None)
    caller = APIClient(
        headers={"Authorization": f"Token {token(reporter)}"}, raise_request_exception=False
    )
    outcomes = Counter()
    for address in targets.KINDS[kind][0]():
        source = {"title": "A", "publisher": "B", "url": address, "kind": "report"}
        sent = {
            "commitment": duty.code,
            "effective_on": "2024-05-01",
            "event_type": "statement",
            "summary": {"en": "A statement was made."},
            "evidence": [{**source, "source": "independent"}],
        }
        with transaction.atomic():
            answer = caller.post(
                "/api/v1/updates/", json.dumps(sent), content_type="application/json"
            )
            about = (address[:99], answer.status_code, answer.content[:300])
            assert answer.status_code in (201, 400), about
            outcomes[answer.status_code] += 1
            assert Evidence.objects.count() == (answer.status_code == 201), about
            if answer.status_code == 201:
                probe = LinkProbe(Evidence.objects.get().url, "tests", limits=LIMITS)
                outcomes[probe.run().detail] += 1
                assert probe.read_title() == ""
            transaction.set_rollback(True)
    print_counts(f"addresses of the kind “{kind}” as sources", outcomes)
    assert network.private() == []


@pytest.mark.parametrize("kind", targets.KINDS)
def test_no_redirect_leads_to_a_hostile_address(kind, network, print_counts):
    outcomes = Counter()
    with odd_server() as server:
        network.open_port = server.server_port
        for address in targets.KINDS[kind][0]():
            location = quote(address[:5000].encode("utf-8", "surrogatepass"))
            link = f"http://{server.host}/to-what-is-asked?{location}"
            result = LinkProbe(link, "tests", frozenset({server.host}), limits=LIMITS).run()
            outcomes[result.detail] += 1
            assert result.status in ("unreachable", "gone"), (address[:99], result)
    print_counts(f"redirects of the kind “{kind}”", outcomes)
    assert network.private() == []


def test_a_name_that_resolves_to_another_address_the_second_time_is_asked_once(
    network, monkeypatch, administrator, signed_in
):
    """What was checked is what is connected to."""
    answers = iter([[targets.PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])

    def resolve(host, *args, **kwargs):
        if host == "rebinding.example":
            targets.NAMES[host] = next(answers)
        return network.resolve(host, *args, **kwargs)

    monkeypatch.setattr(targets, "NAMES", dict(targets.NAMES))
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    values = {"name": "Mirror", "url": "https://rebinding.example/", "begin": "now"}
    signed_in(administrator).post(ADD, values)
    assert send_ping(WebhookSubscriber.objects.get(), NOW).error == "no connection"
    assert dict(network.reached) == {targets.PUBLIC: 1}
