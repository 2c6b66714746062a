"""The page of the ledger: its latest entry, its figures, how to check it, and the erasures."""

import re

import pytest
from django.core.management import CommandError, call_command

from commitments.choices import Action
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.models import Cosignature, Decision, LedgerCheck, LedgerHead, ProgressUpdate
from tests.ledger.proofs.cosigning import TestWitness
from tests.record import LATER

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("a_day_later", "built_record"),
]

PAGE = "/en/ledger/"


def facts(page):
    """Return the facts of the page as words, by their names."""
    pairs = re.findall(r"<dt>([^<]+)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {name: re.sub("<[^>]+>", "", words).strip() for name, words in pairs}


@pytest.mark.long
def test_the_latest_entry_can_be_copied_as_the_program_takes_it(get_page, record):
    head = LedgerHead.objects.get()
    page = get_page(PAGE)
    pin = f"{head.seq}:{head.hash}"
    assert f'<code class="copy">{pin}</code>' in page
    assert "python3 docs/check_ledger.py http://testserver/\n" in page
    assert f"python3 docs/check_ledger.py http://testserver/ --pin {pin}</code>" in page
    shown = facts(page)
    assert shown["Sequence number"] == str(Decision.objects.count())
    assert shown["Public changes"] == str(Decision.objects.public().count())
    assert shown["Erasures"] == "0"
    assert shown["Time"].endswith(" UTC")
    assert "Nothing has been erased so far." in page


def test_a_signed_checkpoint_is_shown_with_its_key_and_its_witnesses(
    client, get_page, record, ledger_key
):
    assert "Signed checkpoint" not in get_page(PAGE)
    checkpoint = sign_checkpoint(ledger_key, LATER)
    assert facts(get_page(PAGE))["Cosigned by"] == "nobody yet"
    for number in (1, 2):
        key = TestWitness(f"witness.example.org/w{number}").key
        Cosignature.objects.create(checkpoint=checkpoint, key=str(key), line="", at=LATER)
    page = get_page(PAGE)
    shown = facts(page)
    assert shown["Entries"] == str(checkpoint.size)
    assert shown["Signed"].endswith(" UTC")
    assert shown["Cosigned by"] == "witness.example.org/w1 and witness.example.org/w2"
    assert f'<code class="copy">{ledger_key.verifier}</code>' in page
    assert client.get("/api/v1/ledger/checkpoint/").status_code == 200


def test_every_link_to_the_api_works(client, get_page, record):
    addresses = set(re.findall(r'href="(/api/v1/[^"]+)"', get_page(PAGE)))
    assert {"/api/v1/ledger/head/", "/api/v1/ledger/", "/api/v1/changes/"} < addresses
    assert {client.get(address).status_code for address in addresses} == {200}


def test_an_erasure_is_listed_with_its_reason_and_its_plan(get_page, record, erase):
    decision = erase(record.published, "summary")
    page = get_page(PAGE)
    assert facts(page)["Erasures"] == "1"
    assert f"Ledger entry {decision.seq}." in page
    assert "Reason: By order of the court." in page
    link = "/en/ISCC/changes/?action=erase"
    assert f'<a href="{link}">' in page
    assert "By order of the court." in get_page(link)


def test_an_erased_reason_of_an_erasure_is_not_shown(get_page, record, erase):
    first = erase(record.published, "summary")
    second = erase(first, "note")
    page = get_page(PAGE)
    assert facts(page)["Erasures"] == "2"
    assert "The reason was erased." in page
    assert page.index(f"Ledger entry {second.seq}.") < page.index(f"Ledger entry {first.seq}.")


def test_the_page_costs_few_queries_however_much_was_erased(
    client, record, erase, django_assert_max_num_queries
):
    erase(record.published, "summary")
    erase(record.retracted, "summary")
    assert Decision.objects.filter(action=Action.ERASE).count() == 2
    with django_assert_max_num_queries(6):
        client.get(PAGE)


def test_every_page_leads_to_the_ledger(get_page, record):
    for path in ("/en/", "/en/ISCC/", "/en/accessibility/"):
        assert f'<a href="{PAGE}">Ledger</a>' in get_page(path)


@pytest.mark.long
def test_it_says_when_the_operator_last_checked_and_with_what_result(flat, record):
    assert "The operator has not run this command yet." in flat(PAGE)
    call_command("verify_ledger", no_record=True, verbosity=0)
    assert "The operator has not run this command yet." in flat(PAGE)
    call_command("verify_ledger", verbosity=0)
    seq = LedgerHead.objects.get().seq
    said = f"The operator last ran it on 2 July 2026, 04:00 UTC, up to entry {seq}:"
    assert f"{said} 0 differences." in flat(PAGE)
    ProgressUpdate.objects.filter(pk=record.published.pk).update(status="contrary")
    with pytest.raises(CommandError, match="Differences"):
        call_command("verify_ledger", verbosity=0)
    n = LedgerCheck.objects.latest().differences
    assert n > 0
    page = flat(PAGE)
    assert f'<strong class="warning">{said} {n} difference' in page
    assert "0 differences" not in page
