"""The ledger, recomputed with `hashlib` and `json` alone, as an outsider would."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments import ledger, workflow
from commitments.choices import Action
from commitments.models import Decision, Evidence, ProgressUpdate
from commitments.workflow import FindingFields
from tests.factories import CriterionFactory, ForumFactory
from tests.ledger.recomputed import HEX, ZEROS, canonical, chain_hash, digest, head, salted_digest
from tests.steps import INTERNAL, NOW, REPORT, STATEMENT, draft, perform, published, submitted
from tests.words import en_zh

# The chain


def test_the_chain_begins_with_nothing(db):
    assert head() == (0, ZEROS, None)
    assert ledger.GENESIS == ZEROS
    assert Decision.objects.count() == 0


def test_a_history_can_be_recomputed_from_its_first_decision_to_the_head(
    duty, reporter, reviewer, curator
):
    """Every entry is written out here, except for salts and content digests."""
    first = draft(duty, reporter, evidence=[STATEMENT])
    evidence = first.evidence.get().pk
    times = [datetime(2026, 7, 1, 4, minute, 0, minute, tzinfo=UTC) for minute in range(9)]
    perform(first, Action.SUBMIT, reporter, times[0])
    perform(first, Action.RETURN, reviewer, times[1], note="Which meeting? 哪次会议？")
    perform(first, Action.SUBMIT, reporter, times[2])
    perform(first, Action.PUBLISH, reviewer, times[3], note="Thank you.")
    address = "https://archive.example.org/1"
    perform(
        first, Action.ARCHIVE, reviewer, times[4], evidence=evidence, archived_url=address, note="x"
    )
    second = draft(duty, reporter, corrects=ProgressUpdate.objects.get(pk=first.pk))
    perform(second, Action.SUBMIT, reporter, times[5])
    perform(second, Action.PUBLISH, reviewer, times[6])
    perform(second, Action.RETRACT, reviewer, times[7], note="Wrong body.")
    third = draft(duty, reporter)
    perform(third, Action.DISCARD, curator, times[8])
    archived = {"evidence": evidence, "archived_url": address}
    expected = [
        # time, action, update, actor, role, note, meta
        ("04:00:00.000000", "submit", first, reporter, "reporter", "", {}),
        ("04:01:00.000001", "return", first, reviewer, "reviewer", "Which meeting? 哪次会议？", {}),
        ("04:02:00.000002", "submit", first, reporter, "reporter", "", {}),
        ("04:03:00.000003", "publish", first, reviewer, "reviewer", "Thank you.", {}),
        ("04:04:00.000004", "archive", first, reviewer, "reviewer", "x", archived),
        ("04:05:00.000005", "submit", second, reporter, "reporter", "", {}),
        ("04:06:00.000006", "publish", second, reviewer, "reviewer", "", {}),
        ("04:06:00.000006", "supersede", first, reviewer, "reviewer", "", {}),
        ("04:07:00.000007", "retract", second, reviewer, "reviewer", "Wrong body.", {}),
        ("04:08:00.000008", "discard", third, curator, "curator", "", {}),
    ]
    rows = list(Decision.objects.order_by("seq"))
    assert len(rows) == len(expected)
    previous = ZEROS
    for seq, (row, values) in enumerate(zip(rows, expected, strict=True), start=1):
        time, action, update, actor, role, note, meta = values
        entry = {
            "v": 1,
            "seq": seq,
            "at": f"2026-07-01T{time}Z",
            "action": action,
            "plan": "PLAN",
            "commitment": "PLAN-1.1",
            "update": update.pk,
            "subject": None,
            "role": role,
            "content_sha256": row.content_sha256,
            "note_commit": salted_digest(row.note_salt, note),
            "actor_commit": salted_digest(row.actor_salt, f"user:{actor.pk}"),
            "meta": meta | (writers(row, update) if action == "submit" else {}),
        }
        assert row.entry_sha256 == digest(entry)
        assert row.hash == chain_hash(previous, digest(entry))
        assert (row.note, row.actor) == (note, actor)
        previous = row.hash
    assert head() == (10, previous, times[8])


def writers(row, update):
    """Return the digests of the author, who is the only editor."""
    author = salted_digest(row.actor_salt, f"user:{update.author_id}")
    return {"author_commit": author, "editor_commits": []}


def test_every_salt_is_32_random_bytes_of_its_own(duty, reporter, reviewer):
    published(duty, reporter, reviewer)
    published(duty, reporter, reviewer)
    salts = [
        salt
        for row in Decision.objects.all()
        for salt in (row.note_salt, row.actor_salt, row.update.internal_salt)
    ]
    assert all(HEX.fullmatch(salt) for salt in salts)
    # Two salts of each of the four decisions, and one of each update.
    assert len(set(salts)) == 4 * 2 + 2


def test_a_decision_is_never_dated_before_the_head(duty, reporter, reviewer):
    """The clocks of two machines differ a little."""
    later = NOW + timedelta(seconds=59)
    update = submitted(duty, reporter, later)
    perform(update, Action.PUBLISH, reviewer, NOW)
    assert update.decisions.latest("seq").at == later
    assert ProgressUpdate.objects.get().published_at == later
    assert head()[2] == later


def test_times_are_in_utc_with_six_decimals(duty, reporter):
    in_shanghai = datetime.fromisoformat("2026-07-01T12:00:00+08:00")
    update = submitted(duty, reporter, in_shanghai)
    assert ledger.entry(update.decisions.get())["at"] == "2026-07-01T04:00:00.000000Z"


@pytest.mark.parametrize("hidden", [[], [INTERNAL], [INTERNAL, {**INTERNAL, "title": "More"}]])
def test_content_is_all_an_author_set_with_public_evidence_and_one_commitment_to_the_rest(
    duty, reporter, reviewer, hidden
):
    day = date(2026, 6, 1)
    original, event = (published(duty, reporter, reviewer, effective_on=day) for _ in range(2))
    for position, key in enumerate("ab"):
        CriterionFactory(commitment=duty, key=key, position=position)
    update = draft(
        duty,
        reporter,
        criteria=["a"],
        findings={"a": FindingFields("shown", [event.pk]), "b": FindingFields("shown")},
        effective_on=date(2026, 6, 3),
        date_precision="month",
        status="active",
        summary=en_zh("A “meeting”.\n", "会议召开。"),
        search_note=en_zh("", "档案"),
        forums=[ForumFactory(code="UNGA"), ForumFactory(code="APEC")],
        external_ref="register/7",
        corrects=original,
        evidence=[
            *hidden,
            {**STATEMENT, "language": "zh", "dated_on": date(2026, 6, 2)},
            REPORT,
        ],
    )
    link_id, report_id = (
        update.evidence.filter(public=True).order_by("pk").values_list("pk", flat=True)
    )
    file = Evidence.objects.create(
        update=update,
        title=en_zh("Minutes"),
        kind="meeting_record",
        source="official",
        file="aa/1",
        file_name="minutes.pdf",
        file_size=7,
        file_sha256="ab" * 32,
        file_type="application/pdf",
    )
    internal = [
        {
            "id": row.pk,
            "title": row.title.as_dict(),
            "publisher": "The institute",
            "url": "",
            "citation": "Minutes 3/2026",
            "language": "",
            "dated_on": None,
            "kind": "report",
            "source": "independent",
            "public": False,
            "file": None,
        }
        for row in update.evidence.filter(public=False).order_by("pk")
    ]
    assert len(internal) == len(hidden)
    content = {
        "v": 1,
        "update": update.pk,
        "commitment": "PLAN-1.1",
        "methodology": 2,
        "effective_on": "2026-06-30",
        "date_precision": "month",
        "event_type": "participation",
        "criteria": ["a"],
        "meets": [],
        "status": "active",
        "covers_from": "2025-06-30",
        "findings": {
            "a": {"result": "shown", "events": [event.pk]},
            "b": {"result": "shown", "events": []},
        },
        "rests_on": [event.pk],
        "summary": {"en": "A “meeting”.\n", "zh": "会议召开。"},
        "search_note": {"zh": "档案"},
        "forums": ["APEC", "UNGA"],
        "external_ref": "register/7",
        "corrects": original.pk,
        "evidence": [
            {
                "id": link_id,
                "title": {"zh": "Statement by the ministry"},
                "publisher": "The ministry",
                "url": "https://example.org/statement",
                "citation": "",
                "language": "zh",
                "dated_on": "2026-06-02",
                "kind": "statement",
                "source": "statement",
                "public": True,
                "file": None,
            },
            {
                "id": report_id,
                "title": {"en": "Report of an institute"},
                "publisher": "The institute",
                "url": "",
                "citation": "The institute, Report 7, 2026.",
                "language": "",
                "dated_on": None,
                "kind": "report",
                "source": "independent",
                "public": True,
                "file": None,
            },
            {
                "id": file.pk,
                "title": {"en": "Minutes"},
                "publisher": None,
                "url": "",
                "citation": "",
                "language": "",
                "dated_on": None,
                "kind": "meeting_record",
                "source": "official",
                "public": True,
                "file": {
                    "name": "minutes.pdf",
                    "size": 7,
                    "sha256": "ab" * 32,
                    "media_type": "application/pdf",
                },
            },
        ],
        "internal_commit": salted_digest(update.internal_salt, canonical(internal).decode()),
        "erased": [],
    }
    assert ledger.canonical_content(ProgressUpdate.objects.get(pk=update.pk), 1) == content
    perform(update, Action.SUBMIT, reporter)
    newest = ledger.canonical_content(update, ledger.current_version())
    assert update.decisions.get().content_sha256 == digest(newest)


def test_the_content_does_not_reveal_whether_there_is_internal_evidence(duty, reporter):
    without, also_without = draft(duty, reporter), draft(duty, reporter)
    commits = [
        ledger.canonical_content(update, 1)["internal_commit"] for update in (without, also_without)
    ]
    assert commits[0] != commits[1]
    assert commits[0] == salted_digest(without.internal_salt, "[]")


def test_the_digest_follows_the_content_and_nothing_else(duty, reporter, reviewer):
    update = draft(duty, reporter, evidence=[STATEMENT])
    perform(update, Action.SUBMIT, reporter)
    perform(update, Action.RECALL, reporter)
    workflow.edit_draft(update, by=reporter, at=NOW, summary=en_zh("Two meetings were held."))
    perform(update, Action.SUBMIT, reporter)
    perform(update, Action.PUBLISH, reviewer)
    piece = update.evidence.get().pk
    perform(update, Action.ARCHIVE, reviewer, evidence=piece, archived_url="https://example.org/2")
    perform(update, Action.RETRACT, reviewer, note="Wrong body.")
    submit, recall, *others = update.decisions.order_by("seq").values_list(
        "content_sha256", flat=True
    )
    assert submit == recall
    assert len(others) == 4
    assert set(others) == {others[0]} != {submit}


TEXTS = st.dictionaries(st.sampled_from(["en", "zh", "a", "Z_1"]), st.text())


@settings(deadline=None)
@given(value=st.lists(TEXTS | st.integers(-(2**53) + 1, 2**53 - 1) | st.none() | st.booleans()))
def test_any_text_has_the_digest_that_plain_json_gives(value):
    assert ledger.sha256_of(value) == digest(value)
