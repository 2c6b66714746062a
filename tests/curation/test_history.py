"""The edit history of a commitment: changes of its wording, reading, forums, offices and dates, and
how the API shows them."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models import ProtectedError

from commitments.choices import Action
from commitments.curation import history
from commitments.curation.recording import ChangeReason, record_edits
from commitments.importing import plan_dump, plan_file, plan_load
from commitments.models import Commitment, Decision, Forum, Milestone, Partnership, Plan
from commitments.texts.text import Text
from tests.factories import ForumFactory, GoalFactory, OfficeFactory
from tests.fixtures.worlds import shared_world
from tests.record import amend_text
from tests.steps import NOW, draft, perform, published, record_loaded
from tests.words import en_zh

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
LATEST = NOW + timedelta(days=2)


def changed(event):
    """Return the changes of an event as (field, before, after)."""
    return [(change.field, change.before, change.after) for change in event.changes]


def edit(row, by, at=LATER, reason="As agreed.", about=None, **columns):
    """Change columns of a row, which may be a part of what the edit is about, with a reason, as the
    admin does."""
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    record_edits([about or row], ChangeReason(by, at, reason))


def marked(pieces):
    marks = {"same": "{}", "removed": "[-{}-]", "added": "[+{}+]"}
    return "".join(marks[piece.part].format(piece.text) for piece in pieces)


@pytest.fixture(autouse=True, scope="module")
def loaded(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        document = plan_file.read_plan_file("fixtures/iscc/plan.yaml").value
        # Criteria quote the wording, which the tests amend.
        del document["commitments"][-1]["criteria"]
        yield plan_load.load_plan(document, at=NOW).plan


@pytest.fixture
def iscc(loaded):
    """The plan that ships with the tracker, without the criteria of 9.1; loaded once."""
    return Plan.objects.get(pk=loaded.pk)


# Wordings


@pytest.fixture
def reworded(iscc, curator):
    """Commitment 9.1, amended twice."""
    amend_text("9.1", "China will help culture go abroad.", curator, LATER)
    amend_text("9.1", "China will help cultural products go abroad.", curator, LATEST)
    return Commitment.objects.get(number="9.1")


@pytest.mark.long
def test_loading_and_amending_are_listed_latest_first_with_their_decisions(reworded):
    events = history.commitment_entries(reworded)
    assert [(event.at, event.decision.role, event.reason) for event in events] == [
        (LATEST, "curator", "Misprint in 9.1."),
        (LATER, "curator", "Misprint in 9.1."),
        (NOW, "system", ""),
    ]
    assert [event.decision.action for event in events] == [Action.AMEND, Action.AMEND, Action.LOAD]


@pytest.mark.long
def test_each_wording_is_compared_with_the_one_it_replaced(reworded):
    [change] = history.commitment_entries(reworded)[0].changes
    assert change.field == "text"
    assert change.before["en"] == "China will help culture go abroad."
    assert change.after == reworded.text
    assert list(change.comparison) == ["en"]
    comparison = marked(change.comparison["en"])
    assert comparison == "China will help [-culture-][+cultural products+] go abroad."


@pytest.mark.long
def test_a_changed_chinese_wording_is_compared_by_characters(iscc, curator):
    document = plan_dump.plan_document(iscc)
    item = next(item for item in document["commitments"] if item["number"] == "9.1")
    text = item["text"]["zh"]
    item["text"]["zh"] = text.replace("推动各国", "促进各国", 1)
    assert item["text"]["zh"] != text
    plan_load.amend_plan(document, reason="Misprint.", by=curator, at=LATER)
    [change] = history.commitment_entries(Commitment.objects.get(number="9.1"))[0].changes
    assert list(change.comparison) == ["zh"]
    assert marked(change.comparison["zh"]).startswith("[-推动-][+促进+]各国开展网络文化合作")


def test_an_amendment_lists_all_that_it_changed_in_one_event(iscc, curator):
    document = plan_dump.plan_document(iscc)
    item = next(item for item in document["commitments"] if item["number"] == "9.1")
    before = Commitment.objects.get(number="9.1")
    item["goal"] = 1
    item["supporting_goals"] = [2, 5]
    item["title"] = {"en": "Help culture travel", "zh": item["title"]["zh"]}
    item["forums"].append({"code": "UNGA", "quote": {"en": "cultural"}})
    item["milestones"] = [
        {"key": "m1", "title": {"en": "First exhibition"}, "due_on": "2027-03-01"}
    ]
    plan_load.amend_plan(document, reason="Read again.", by=curator, at=LATER)
    event, load = history.commitment_entries(before)
    assert (load.decision.action, load.changes) == (Action.LOAD, [])
    assert (event.reason, event.decision.role) == ("Read again.", "curator")
    assert event.decision.action == Action.AMEND
    assert changed(event) == [
        ("title", before.title, en_zh("Help culture travel", before.title["zh"])),
        ("goal", 6, 1),
        ("supporting_goals", [5], [2, 5]),
        ("forums", None, {"code": "UNGA", "quote": en_zh("cultural", "")}),
        (
            "milestones",
            None,
            {"key": "m1", "title": en_zh("First exhibition"), "due_on": "2027-03-01"},
        ),
    ]


# Curators' changes


def test_a_changed_goal_forum_and_date_are_listed_with_their_reason(deliverable, curator, plan):
    goal, other = GoalFactory(plan=plan, number=1), GoalFactory(plan=plan, number=2)
    edit(deliverable, curator, NOW, "Entered.", goal=goal, due_on="2026-12-31")
    edit(deliverable, curator, LATER, "Read again.", goal=other)
    link = Partnership(
        commitment=deliverable, forum=ForumFactory(code="LOCAL"), quote=en_zh("forum")
    )
    link.save()
    edit(deliverable, curator, LATEST, "The council moved it.", due_on=date(2027, 6, 30))
    events = history.commitment_entries(deliverable)
    assert [(event.reason, changed(event)) for event in events] == [
        (
            "The council moved it.",
            [
                ("forums", None, {"code": "LOCAL", "quote": en_zh("forum", "")}),
                ("due_on", "2026-12-31", "2027-06-30"),
            ],
        ),
        ("Read again.", [("goal", 1, 2)]),
        ("Entered.", []),
    ]
    assert [event.added for event in events] == [False, False, True]


def test_a_removed_forum_and_a_changed_quote_are_listed(duty, curator):
    record_loaded(duty.plan)
    link = Partnership(commitment=duty, forum=ForumFactory(code="LOCAL"), quote=en_zh("forum"))
    edit(link, curator, NOW, about=duty)
    edit(link, curator, LATER, about=duty, quote=en_zh("the forum"))
    link.delete()
    edit(duty, curator, LATEST, "Not meant.")
    before = {"code": "LOCAL", "quote": en_zh("the forum", "")}
    last, middle, first, _load = history.commitment_entries(duty)
    assert changed(last) == [("forums", before, None)]
    assert changed(middle) == [("forums", before | {"quote": en_zh("forum", "")}, before)]
    assert changed(first) == [("forums", None, before | {"quote": en_zh("forum", "")})]


def test_every_revision_of_a_milestones_date_is_listed(duty, curator):
    record_loaded(duty.plan)
    step = Milestone(commitment=duty, key="m1", title=en_zh("First step"), due_on=date(2026, 9, 1))
    edit(step, curator, NOW, "Agreed.", about=duty)
    edit(step, curator, LATER, "Delayed.", about=duty, due_on=date(2026, 10, 1))
    edit(step, curator, LATEST, "Dropped.", about=duty, retired_at=LATEST)
    entries = [
        (event.reason, event.changes[0].before_text, event.changes[0].after_text)
        for event in history.commitment_entries(duty)
        if event.changes
    ]
    assert entries == [
        ("Dropped.", "m1 “First step”, due 2026-10-01", "–"),
        ("Delayed.", "m1 “First step”, due 2026-09-01", "m1 “First step”, due 2026-10-01"),
        ("Agreed.", "–", "m1 “First step”, due 2026-09-01"),
    ]


def test_a_text_that_is_added_or_taken_away_is_shown_in_all_its_languages(duty, curator):
    record_loaded(duty.plan)
    edit(duty, curator, LATER, note=en_zh("It says more.", "含义更广。"))
    edit(duty, curator, LATEST, note=Text())
    removed, added = (entry.changes[0] for entry in history.commitment_entries(duty)[:2])
    assert (added.before, removed.after) == (None, None)
    shown = [
        {tag: marked(spans) for tag, spans in row.comparison.items()} for row in (added, removed)
    ]
    assert shown == [
        {"en": "[+It says more.+]", "zh": "[+含义更广。+]"},
        {"en": "[-It says more.-]", "zh": "[-含义更广。-]"},
    ]


def test_milestones_of_one_title_are_told_apart_by_their_keys(duty, curator):
    for day in (1, 2):
        Milestone.objects.create(
            commitment=duty, key=f"m{day}", title=en_zh("Report"), due_on=date(2026, 9, day)
        )
    record_loaded(duty.plan)
    last = duty.milestones.latest("due_on")
    edit(last, curator, LATER, about=duty, due_on=date(2026, 10, 1))
    [change] = history.commitment_entries(duty)[0].changes
    assert (change.before["due_on"], change.after["due_on"]) == ("2026-09-02", "2026-10-01")


def test_lead_and_supporting_offices_are_named_by_code(duty, curator):
    record_loaded(duty.plan)
    offices = [OfficeFactory(code=code) for code in ("CYBER", "LEGAL", "PRESS")]
    duty.supporting_offices.set(offices[1:])
    edit(duty, curator, LATER, "Assigned.", lead_office=offices[0])
    event = history.commitment_entries(duty)[0]
    assert changed(event) == [
        ("lead_office", None, "CYBER"),
        ("supporting_offices", None, ["LEGAL", "PRESS"]),
    ]


def test_publishing_an_assessment_is_no_edit_of_a_commitment(duty, reporter, reviewer, curator):
    record_loaded(duty.plan)
    published(duty, reporter, reviewer, status="active")
    assert Commitment.objects.get(pk=duty.pk).status == "active"
    assert record_edits([duty], ChangeReason(curator, LATER, "Nothing.")) == []


@pytest.mark.long
def test_a_history_costs_one_query_whatever_its_length(
    reworded, curator, django_assert_num_queries
):
    assert reworded.plan
    with django_assert_num_queries(1):
        history.commitment_entries(reworded)
    for day in range(3, 9):
        Partnership.objects.create(commitment=reworded, forum=ForumFactory())
        edit(reworded, curator, NOW + timedelta(days=day), title=en_zh(f"Title {day}"))
    with django_assert_num_queries(1):
        assert len(history.commitment_entries(reworded)) == 9


def test_what_several_decisions_changed_is_read_in_two_queries(
    reworded, curator, django_assert_num_queries
):
    forum = Forum.objects.get(code="UNGA")
    edit(forum, curator, LATEST, "It has another name.", name=en_zh("Assembly"))
    renamed, amendment = Decision.objects.order_by("-seq")[:2]
    with django_assert_num_queries(2):
        found = history.entries_by([amendment, renamed])
    [of_amendment], [of_forum] = found[amendment.pk], found[renamed.pk]
    assert (of_amendment.subject.key, of_amendment.field_labels) == ("ISCC-9.1", ["text"])
    assert (of_forum.subject, str(of_forum.name)) == (("forum", "UNGA"), "Assembly")


def test_an_amendment_made_by_a_clock_that_is_behind_is_still_one_event(iscc, curator):
    """The decision has the later time of the ledger's head, and so have the other rows."""
    document = plan_dump.plan_document(iscc)
    item = next(item for item in document["commitments"] if item["number"] == "9.1")
    item["text"]["en"] += " Indeed."
    item["goal"] = 1
    plan_load.amend_plan(document, reason="Both.", by=curator, at=NOW - timedelta(seconds=30))
    event = history.commitment_entries(Commitment.objects.get(number="9.1"))[0]
    assert [change.field for change in event.changes] == ["text", "goal"]
    assert event.decision == Decision.objects.latest("seq")


# In the API


@pytest.mark.long
def test_the_api_shows_a_history_without_names(reworded, api, curator):
    User.objects.filter(pk=curator.pk).update(username="somebody")
    goal = reworded.goal
    edit(reworded, curator, LATEST + timedelta(hours=1), "Read again.", goal=None)
    response = api().get("/api/v1/commitments/ISCC-9.1/history/")
    assert response.status_code == 200
    body = response.json()
    assert (body["count"], body["next"], body["previous"]) == (4, None, None)
    assert body["results"][0] == {
        "at": "2026-07-03T05:00:00.000000Z",
        "role": "curator",
        "reason": "Read again.",
        "action": "edit",
        "decision": 4,
        "deleted": False,
        "erased": [],
        "changes": [{"field": "goal", "from": goal.number, "to": None, "comparison": None}],
    }
    amended = body["results"][1]
    assert (amended["action"], amended["decision"]) == ("amend", 3)
    text = next(change for change in amended["changes"] if change["field"] == "text")
    assert text["to"] == reworded.text.as_dict()
    assert text["comparison"] == {
        "en": [
            {"part": "same", "text": "China will help "},
            {"part": "removed", "text": "culture"},
            {"part": "added", "text": "cultural products"},
            {"part": "same", "text": " go abroad."},
        ]
    }
    assert body["results"][3] == {
        "at": "2026-07-01T04:00:00.000000Z",
        "role": "system",
        "reason": "",
        "action": "load",
        "decision": 1,
        "deleted": False,
        "erased": [],
        "changes": [],
    }
    assert "somebody" not in response.content.decode()


@pytest.mark.long
def test_a_history_comes_in_pages(reworded, api):
    page = api().get("/api/v1/commitments/ISCC-9.1/history/?page_size=2").json()
    assert (page["count"], len(page["results"])) == (3, 2)
    assert page["next"].endswith("/api/v1/commitments/ISCC-9.1/history/?page=2&page_size=2")


@pytest.mark.parametrize(("path", "status"), [("ISCC-9.9", 404), ("X", 404)])
def test_there_is_no_history_of_an_unknown_commitment(path, status, api, iscc):
    response = api().get(f"/api/v1/commitments/{path}/history/")
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")


# Nothing with a history is deleted


def test_whoever_wrote_edited_decided_or_changed_something_is_protected(
    duty, reporter, other_reporter, reviewer, curator
):
    update = draft(duty, reporter)
    update.editors.add(other_reporter)
    perform(update, Action.SUBMIT, reporter)
    perform(update, Action.PUBLISH, reviewer)
    for person in (reporter, other_reporter, reviewer):
        with pytest.raises(ProtectedError):
            User.objects.get(pk=person.pk).delete()


def test_offices_forums_and_commitments_in_use_are_protected(duty, office, reporter, reviewer):
    forum = ForumFactory(code="LOCAL")
    published(duty, reporter, reviewer, forums=[forum])
    duty.supporting_offices.add(office)
    for row in (office, forum, duty):
        with pytest.raises(ProtectedError):
            type(row).objects.get(pk=row.pk).delete()


def test_whatever_a_plan_file_holds_is_recorded_when_it_is_loaded(iscc):
    load = Decision.objects.get(action=Action.LOAD)
    counts = Counter(load.contents.values_list("subject_type", flat=True))
    assert counts == {"plan": 1, "goal": 6, "area": 9, "commitment": 30, "forum": 27}
