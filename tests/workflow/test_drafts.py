"""Drafts: what `create_draft` and `edit_draft` accept and refuse."""

from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from commitments import workflow
from commitments.choices import Action, State, Status
from commitments.exceptions import (
    ActionRefused,
    DuplicateReference,
    InvalidInput,
    NotPermitted,
)
from commitments.models import Decision, Evidence, ProgressUpdate
from commitments.workflow import EvidenceChanges
from tests.documents import everything
from tests.factories import CommitmentFactory, ForumFactory
from tests.methodology import ASSESSMENTS
from tests.steps import (
    NOW,
    REPORT,
    RESOLUTION,
    STATEMENT,
    draft,
    perform,
    published,
    retracted,
    returned,
    submitted,
    with_texts,
)
from tests.words import en_zh

pytestmark = pytest.mark.alike


@contextmanager
def refused(error, *paths):
    """Check that the block raises the error with problems at these paths and changes nothing."""
    before = everything()
    with pytest.raises(error) as caught:
        yield caught
    assert everything() == before
    named = [problem.path for problem in caught.value.problems]
    assert sorted(named, key=str) == sorted(paths, key=str)


def edit(update, by, at=NOW, add=(), change=None, remove=(), **fields):
    changes = EvidenceChanges(
        add=[with_texts(piece) for piece in add],
        change={pk: with_texts(piece) for pk, piece in (change or {}).items()},
        remove=remove,
    )
    return workflow.edit_draft(update, by=by, at=at, evidence=changes, **fields)


def titles(update):
    return sorted(str(item.title) for item in update.evidence.all())


# Drafts


def test_a_new_draft_is_its_writers_and_leaves_no_decision(duty, reporter, forum):
    update = draft(
        duty,
        reporter,
        status=Status.ACTIVE,
        search_note=en_zh("The archive.", "档案。"),
        forums=[forum],
        external_ref="register/7",
    )
    stored = ProgressUpdate.objects.get()
    assert update == stored
    assert (stored.state, stored.author, stored.created_at) == (State.DRAFT, reporter, NOW)
    assert (stored.commitment, stored.effective_on) == (duty, date(2026, 7, 1))
    assert (stored.date_precision, stored.status) == ("day", "active")
    assert stored.summary == en_zh("A meeting was held.", "会议召开。")
    assert stored.search_note == en_zh("The archive.", "档案。")
    assert list(stored.forums.all()) == [forum]
    assert (stored.external_ref, stored.corrects) == ("register/7", None)
    assert titles(stored) == ["Report of an institute"]
    assert Decision.objects.count() == 0


def test_what_an_edit_does_not_name_stays(duty, reporter, forum):
    update = draft(duty, reporter, status=Status.ACTIVE, forums=[forum], external_ref="7")
    later = NOW + timedelta(hours=1)
    edited = edit(update, reporter, later, summary=en_zh("", "会议召开。"))
    assert (edited.summary, edited.status) == (en_zh("", "会议召开。"), "active")
    assert (edited.external_ref, edited.created_at) == ("7", NOW)
    assert (edited.changed_at, edited.revision) == (later, update.revision + 1)
    assert list(edited.forums.all()) == [forum]
    assert titles(edited) == ["Report of an institute"]
    assert Decision.objects.count() == 0


def test_an_edit_replaces_the_forums_it_names(duty, reporter, forum):
    other = ForumFactory()
    update = edit(draft(duty, reporter, forums=[forum]), reporter, forums=[other])
    assert list(update.forums.all()) == [other]
    assert list(edit(update, reporter, forums=[]).forums.all()) == []


@pytest.mark.parametrize(
    "field", ["state", "author", "publisher", "published_at", "revision", "commitment", "colour"]
)
def test_a_field_that_no_author_sets_is_refused(duty, reporter, field):
    update = draft(duty, reporter)
    before = everything()
    with pytest.raises(TypeError, match=field):
        edit(update, reporter, **{field: None})
    assert everything() == before


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"status": "completed"}, ("status",)),  # of the other kind
        ({"status": "unassessed"}, ("status",)),  # means that there is no assessment
        ({"status": "green"}, ("status",)),
        ({"date_precision": "week"}, ("date_precision",)),
        ({"effective_on": None}, ("effective_on",)),
        ({"external_ref": "7" * 201}, ("external_ref",)),
        ({"summary": en_zh("See \u202egnp.exe", "见")}, ("summary",)),
    ],
)
def test_a_draft_with_a_wrong_value_is_not_saved(duty, reporter, fields, path):
    update = draft(duty, reporter)
    before = everything()
    with pytest.raises(InvalidInput) as caught:
        edit(update, reporter, **fields)
    assert {problem.path for problem in caught.value.problems} == {path}
    assert everything() == before


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("https://me:secret@example.org/report", False),
        ("https://me@example.org/report", False),
        ("https://example.org/@me/report?to=you@example.org#@", True),
    ],
)
def test_a_link_is_published_without_anybodys_password(duty, reporter, address, is_taken):
    piece = {**STATEMENT, "url": address}
    if is_taken:
        assert draft(duty, reporter, evidence=[piece]).evidence.get().url == address
    else:
        with refused(InvalidInput, ("evidence", 0, "url")):
            draft(duty, reporter, evidence=[piece])


@pytest.mark.parametrize("fields", [{"status": ""}, {"external_ref": ""}])
def test_an_empty_value_is_not_saved_for_none(duty, reporter, fields):
    with pytest.raises(InvalidInput):
        draft(duty, reporter, **fields)
    assert not ProgressUpdate.objects.exists()


def test_every_problem_is_named_at_once(duty, reporter):
    broken = {**STATEMENT, "url": "ftp://example.org/1"}
    with refused(InvalidInput, ("status",), ("effective_on",), ("evidence", 1, "url")):
        draft(
            duty,
            reporter,
            evidence=[REPORT, broken],
            status="completed",
            effective_on=date(2026, 7, 2),
        )


@pytest.mark.parametrize(
    ("fixture", "kind"), [("deliverable", "deliverable"), ("duty", "standing")]
)
@pytest.mark.parametrize("status", ASSESSMENTS)
def test_a_status_is_saved_where_it_fits_the_kind_only(request, reporter, fixture, kind, status):
    commitment = request.getfixturevalue(fixture)
    if kind in ASSESSMENTS[status].kinds:
        assert draft(commitment, reporter, status=status).status == status
    else:
        with refused(InvalidInput, ("status",)):
            draft(commitment, reporter, status=status)


# Evidence


@pytest.mark.parametrize(
    "sources",
    [
        {},
        {"url": "https://example.org/1", "citation": "Report 7."},
    ],
    ids=["none", "both"],
)
def test_evidence_is_exactly_one_of_link_file_and_citation(duty, reporter, sources):
    piece = {"title": "Report", "kind": "report", "source": "official", **sources}
    with pytest.raises(InvalidInput) as caught:
        draft(duty, reporter, evidence=[piece])
    assert {problem.path[:2] for problem in caught.value.problems} == {("evidence", 0)}
    assert not ProgressUpdate.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://example.org/1"),
        ("url", "javascript:alert(1)"),
        ("url", "file:///etc/passwd"),
        ("url", "example.org/1"),
        ("kind", "rumour"),
        ("source", "hearsay"),
        ("title", ""),
        ("public", None),
        ("dated_on", NOW.date() + timedelta(days=2)),
    ],
)
def test_a_piece_of_evidence_with_a_wrong_value_is_not_saved(duty, reporter, field, value):
    before = everything()
    with pytest.raises(InvalidInput) as caught:
        draft(duty, reporter, evidence=[REPORT, {**STATEMENT, field: value}])
    assert {problem.path for problem in caught.value.problems} == {("evidence", 1, field)}
    assert everything() == before


def test_an_unknown_field_of_evidence_is_refused(duty, reporter):
    with pytest.raises(TypeError, match="archived_url"):
        draft(duty, reporter, evidence=[{**STATEMENT, "archived_url": "https://example.org/2"}])
    assert not ProgressUpdate.objects.exists()


def test_evidence_can_be_added_changed_and_taken_away(duty, reporter):
    update = draft(duty, reporter, evidence=[STATEMENT, REPORT])
    link, report = update.evidence.order_by("pk")
    edit(
        update,
        reporter,
        add=[RESOLUTION],
        change={link.pk: {"url": "", "citation": "Gazette 7.", "title": "Gazette"}},
        remove=[report.pk],
    )
    assert titles(update) == ["Gazette", "Resolution 1"]
    changed = Evidence.objects.get(pk=link.pk)
    assert (changed.url, changed.citation) == ("", "Gazette 7.")
    assert changed.publisher.key == "The ministry"


def test_the_evidence_of_another_update_is_out_of_reach(duty, reporter):
    update, other = draft(duty, reporter), draft(duty, reporter)
    foreign = other.evidence.get().pk
    with refused(InvalidInput, ("evidence",)):
        edit(update, reporter, change={foreign: {"title": "Mine"}})
    with refused(InvalidInput, ("evidence",)):
        edit(update, reporter, remove=[foreign])


def test_a_piece_of_evidence_that_is_made_internal_no_longer_counts(duty, reporter):
    update = draft(duty, reporter, status=Status.ACTIVE, evidence=[RESOLUTION])
    edit(update, reporter, change={update.evidence.get().pk: {"public": False}})
    with refused(ActionRefused, ("evidence",)):
        perform(update, Action.SUBMIT, reporter)


# References


def test_an_external_reference_is_used_once_in_a_plan(duty, deliverable, reporter):
    first = draft(duty, reporter, external_ref="7")
    second = draft(deliverable, reporter, external_ref="8")
    with refused(DuplicateReference) as caught:
        draft(deliverable, reporter, external_ref="7")
    assert caught.value.existing == first.pk
    with refused(DuplicateReference):
        edit(second, reporter, external_ref="7")
    assert edit(first, reporter, external_ref="7").external_ref == "7"


def test_the_reference_of_something_discarded_stays_taken(duty, reporter):
    perform(draft(duty, reporter, external_ref="7"), Action.DISCARD, reporter)
    with refused(DuplicateReference):
        draft(duty, reporter, external_ref="7")


def test_an_external_reference_is_free_in_another_plan(duty, reporter):
    draft(duty, reporter, external_ref="7")
    assert draft(CommitmentFactory(), reporter, external_ref="7").external_ref == "7"
    assert draft(duty, reporter).external_ref is None
    assert draft(duty, reporter).external_ref is None


# Who may write, and in which states


def test_every_editor_is_recorded(office_duty, office, colleague, reporter):
    office.members.add(reporter)
    update = draft(office_duty, reporter)
    assert set(update.editors.all()) == {reporter}
    update = edit(update, colleague, status=Status.INACTIVE)
    assert set(update.editors.all()) == {reporter, colleague}
    assert update.author == reporter


def test_a_refused_edit_makes_nobody_an_editor(office_duty, office, colleague, reporter):
    office.members.add(reporter)
    update = draft(office_duty, reporter)
    with refused(InvalidInput, ("status",)):
        edit(update, colleague, status="completed")
    assert set(update.editors.all()) == {reporter}


def test_only_a_reporter_of_its_offices_writes_on_a_commitment(
    duty, office_duty, reporter, other_reporter, colleague, reviewer, curator, visitor
):
    assert draft(duty, reporter).author == reporter
    assert draft(office_duty, colleague).author == colleague
    for person in (reviewer, curator, visitor):
        with refused(NotPermitted):
            draft(duty, person)
    update = draft(duty, reporter)
    for person in (other_reporter, reviewer, curator, visitor):
        with refused(NotPermitted):
            draft(office_duty, person)
        with refused(NotPermitted):
            edit(update, person, status=None)


@pytest.mark.parametrize("state", ["submitted", "discarded", "published", "retracted"])
def test_what_is_no_longer_a_draft_cannot_be_edited(duty, reporter, reviewer, state):
    update = UPDATE_IN_STATE[state](duty, reporter, reviewer)
    assert update.state == state
    evidence = update.evidence.get().pk
    for change in (
        {},
        {"summary": en_zh("Something else.")},
        {"add": [STATEMENT]},
        {"change": {evidence: {"title": "Other"}}},
        {"remove": [evidence]},
    ):
        with refused(ActionRefused):
            edit(update, reporter, **change)


UPDATE_IN_STATE = {
    "submitted": lambda commitment, author, reviewer: submitted(commitment, author),
    "discarded": lambda commitment, author, reviewer: perform(
        draft(commitment, author), Action.DISCARD, author
    ),
    "published": published,
    "retracted": retracted,
}


def test_a_superseded_update_cannot_be_edited(duty, reporter, reviewer):
    update = published(duty, reporter, reviewer)
    published(duty, reporter, reviewer, corrects=update)
    with refused(ActionRefused):
        edit(update, reporter, summary=en_zh("Something else."))


def test_a_returned_update_is_edited_and_stays_returned(duty, reporter, reviewer):
    update = edit(returned(duty, reporter, reviewer), reporter, summary=en_zh("In full."))
    assert (update.state, update.summary["en"]) == (State.RETURNED, "In full.")


def test_a_request_that_comes_twice_makes_one_draft(duty, deliverable, reporter, other_reporter):
    def made(commitment=duty, by=reporter, key="key", day=1):
        fields = {"effective_on": date(2026, 6, day), "summary": en_zh("A meeting.")}
        return workflow.create_draft(commitment, by=by, at=NOW, request_key=key, **fields)

    first = made()
    assert made(day=2) == first
    assert first.effective_on == date(2026, 6, 1)
    others = [made(by=other_reporter), made(key="another"), made(key=None), made(key=None)]
    assert len({first, *others}) == 5


def test_what_was_asked_once_is_answered_whatever_became_of_it(duty, reporter, reviewer):
    fields = {"effective_on": date(2026, 6, 1), "event_type": "statement"}
    request = {"by": reporter, "at": NOW, "request_key": "key", "evidence": [with_texts(REPORT)]}
    update = workflow.create_draft(duty, summary=en_zh("A meeting."), **fields, **request)
    perform(update, Action.SUBMIT, reporter)
    perform(update, Action.PUBLISH, reviewer)
    again = workflow.create_draft(duty, summary=en_zh("A meeting."), **fields, **request)
    assert (again, again.state) == (update, State.PUBLISHED)


def test_a_source_is_dated_by_the_calendar_of_any_country(duty, reporter):
    # In Kiribati the day begins 14 hours earlier.
    noon, tomorrow = NOW.replace(hour=12), NOW.date() + timedelta(days=1)
    assert draft(duty, reporter, noon, evidence=[{**REPORT, "dated_on": tomorrow}]).pk
    later = {**REPORT, "dated_on": tomorrow + timedelta(days=1)}
    with pytest.raises(InvalidInput) as caught:
        draft(duty, reporter, noon, evidence=[later])
    [problem] = caught.value.problems
    assert problem.message == "This date is in the future; the latest possible is 2026-07-02."
