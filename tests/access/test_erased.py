"""What was erased is shown nowhere; that it was erased, when and why, everywhere."""

from copy import deepcopy

import pytest

from commitments.choices import Action
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.ledger.proofs.notes import SigningKey
from commitments.models import ProgressUpdate, RecordedContent
from tests.factories import ForumFactory, UserFactory
from tests.fixtures.worlds import people, shared_world, the_duty, the_plan
from tests.record import ARCHIVED, LATER
from tests.steps import NOW, edited, erased, perform, published, record_loaded
from tests.words import en_zh

pytestmark = pytest.mark.django_db

NAME = "Zoltan Quibble"
REASON = "By order of the court."
LINK = {
    "title": f"Interview with {NAME}",
    "publisher": f"{NAME} Press",
    "url": "https://example.org/zoltan-quibble",
    "kind": "report",
    "source": "independent",
}
SECRETS = ("Quibble", "quibble", "某某")
PAGES = (
    "/{lang}/PLAN/",
    "/{lang}/PLAN/commitments/",
    "/{lang}/PLAN/commitments/1.1/",
    "/{lang}/PLAN/commitments/1.1/history/",
    "/{lang}/PLAN/forums/FORUM/",
    "/{lang}/PLAN/forums/FORUM/brief/",
    "/{lang}/PLAN/report/?from=2017-01-01&to=2026-07-01",
    "/{lang}/PLAN/changes/",
    "/{lang}/PLAN/changes.atom",
)
ADDRESSES = (
    "updates/",
    "updates/export/?format=csv",
    "updates/{id}/",
    "updates/{id}/content/",
    "commitments/",
    "commitments/PLAN-1.1/",
    "status/report/?plan=PLAN&from=2017-01-01",
    "evidence/{item}/",
    "changes/",
    "ledger/",
    "updates/{id}/proof/",
    "contents/",
    "updates/?q=quibble",
)


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield build()


@pytest.fixture
def named(db, built):
    """A published update from which every mention of a person was erased, as was the title that the
    commitment had, and the reason of its edit."""
    return deepcopy(built)


def build():
    reporter, reviewer, curator = people()
    administrators = [
        UserFactory(username=name, is_superuser=True)
        for name in ("administrator", "second_administrator")
    ]

    def erase(target, *parts):
        erased(target, parts, *administrators, LATER)

    plan = the_plan()
    duty = the_duty(plan)
    record_loaded(plan)
    duty.title = en_zh(f"Agree with {NAME}", "与某某商定")
    edited(duty, curator, NOW, f"As {NAME} says.")
    duty.title = en_zh("Agree with the ministry", "与该部商定")
    edit = edited(duty, curator, NOW, f"{NAME} resigned.")
    update = published(
        duty,
        reporter,
        reviewer,
        status="active",
        forums=[ForumFactory(code="FORUM")],
        evidence=[LINK],
        summary=en_zh(f"{NAME} took part.", "某某参加了会议。"),
        search_note=en_zh(f"Asked {NAME}.", "询问了某某。"),
    )
    item = update.evidence.get()
    archive = {"evidence": item.pk, "archived_url": f"{ARCHIVED}/quibble"}
    perform(update, Action.ARCHIVE, reviewer, NOW, **archive)
    parts = [f"evidence/{item.pk}/{name}" for name in ("title", "publisher", "url")]
    erase(update, "summary", "search_note", *parts)
    former = RecordedContent.objects.of("commitment", duty.code)[1]
    erase(former, "title")
    for note in (former.decision, edit):
        erase(note, "note")
    sign_checkpoint(SigningKey.generate("tracker.example.org"), LATER)
    update = ProgressUpdate.objects.get(pk=update.pk)
    update.item = item.pk
    return update


@pytest.mark.long
def test_no_page_has_it_and_the_record_says_that_it_was_erased(named, client):
    for path in PAGES:
        for lang in ("en", "zh-hans"):
            answer = client.get(path.format(lang=lang))
            assert answer.status_code == 200, path
            assert not any(word in answer.text for word in SECRETS), path
    page = " ".join(client.get(PAGES[2].format(lang="en")).text.split())
    assert "Erased for good on 1 July 2026: Summary, Search note, " in page
    assert f"Link of source {named.item}" in page
    assert f"Reason: {REASON}" in page
    assert "Title erased" in page
    assert "link or citation erased" in page
    former = named.decisions.get(action=Action.PUBLISH).content_sha256
    assert former in page
    page = "".join(client.get(PAGES[2].format(lang="zh-hans")).text.split())
    assert "已于2026年7月1日永久删除：概要、检索说明、" in page


@pytest.mark.long
def test_changes_and_feeds_say_what_was_erased_and_why(named, client):
    for path in ("/en/PLAN/changes/", "/en/PLAN/changes.atom"):
        text = client.get(path).text
        assert "content erased" in text
        assert "Note of ledger entry" in text
        assert "former wording: title" in text
        assert REASON in text
    assert "PLAN-1.1" in client.get("/en/PLAN/changes/?commitment=PLAN-1.1").text
    history = client.get("/en/PLAN/commitments/1.1/history/").text
    assert "Erased for good: title" in history
    assert "The reason was erased." in history


@pytest.mark.long
def test_no_answer_of_the_api_has_it_to_anybody(named, api, reporter, administrator):
    for user in (None, reporter, administrator):
        for path in ADDRESSES:
            address = f"/api/v1/{path.format(id=named.pk, item=named.item)}"
            answer = api(user).get(address)
            assert answer.status_code == 200, path
            text = answer.getvalue().decode()
            assert not any(word in text for word in SECRETS), path


def test_the_api_says_what_was_erased(named, api):
    row = api().get(f"/api/v1/updates/{named.pk}/").json()
    publication, erasure = (named.decisions.get(action=name) for name in ("publish", "erase"))
    item = f"evidence/{named.item}"
    assert row["erasures"] == [
        {
            "seq": erasure.seq,
            "at": "2026-07-01T10:00:00.000000Z",
            "role": "administrator",
            "reason": REASON,
            "parts": [
                "summary",
                "search_note",
                f"{item}/title",
                f"{item}/publisher",
                f"{item}/url",
            ],
            "former_sha256": publication.content_sha256,
        }
    ]
    assert (row["state"], row["status"], row["evidence_level"]) == ("published", "active", 3)
    assert row["content_sha256"] == erasure.content_sha256
    [piece] = row["evidence"]
    assert (piece["title"], piece["publisher"], piece["url"], piece["link"]) == ({}, None, "", None)
    assert (piece["is_erased"], piece["source"]) == (True, "independent")
    change = next(
        row
        for row in api().get("/api/v1/changes/?plan=PLAN&action=erase").json()["results"]
        if row["seq"] == erasure.seq
    )
    assert change["erased"] == erasure.meta["erased"]
    assert (change["note"], change["update"]) == (REASON, named.pk)
    last = api().get("/api/v1/commitments/PLAN-1.1/history/").json()["results"][0]
    assert (last["erased"], last["changes"], last["reason"]) == (["title"], [], "")


@pytest.mark.long
def test_the_staff_side_does_not_have_it_either(named, administrator, signed_in):
    client = signed_in(administrator)
    for path in (
        f"updates/{named.pk}/",
        f"updates/{named.pk}/retract/",
        "commitments/decision/",
        "commitments/evidence/",
        "commitments/publisher/",
        "commitments/recordedcontent/",
        "commitments/erasurerequest/",
    ):
        answer = client.get(f"/admin/{path}")
        assert answer.status_code == 200, path
        assert not any(word in answer.text for word in SECRETS), path
    assert "(erased)" in client.get("/admin/commitments/decision/").text
