"""The table of a plan: cells edited in place, all or nothing."""

import re
from datetime import date

import pytest

from commitments.curation import history
from commitments.curation.planning import planned_changes, save_planned
from commitments.exceptions import InvalidInput, NotPermitted
from commitments.models import Decision
from tests.admin.workbench.planning import ADDRESS, REASON, REFUSED_REASONS, stored
from tests.factories import CommitmentFactory, MilestoneFactory, OfficeFactory, PlanFactory
from tests.steps import NOW, published, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def table(client):
    return " ".join(client.get(ADDRESS).text.split())


def cells(commitment, was=None, **changed):
    """Return what a browser sends for the cells of a commitment."""
    sent = {}
    for name, value in changed.items():
        sent[f"c{commitment.pk}-{name}"] = value
        sent[f"w{commitment.pk}-{name}"] = (was or {}).get(name, "")
    return sent


def test_cells_are_edited_in_place_with_one_reason(curator, signed_in, offices, duty, deliverable):
    sent = cells(duty, lead_office="CAC", supporting_offices="MFA", ends_on="2030-12-31")
    sent |= cells(deliverable, {"lead_office": "MFA"}, lead_office="", due_on="2027/1/2")
    answer = signed_in(curator).post(ADDRESS, sent | {"reason": REASON}, follow=True)
    assert "2 commitments were changed." in answer.text
    assert stored(duty) == ("CAC", ["MFA"], None, date(2030, 12, 31))
    assert stored(deliverable) == (None, [], date(2027, 1, 2), None)
    for row in (duty, deliverable):
        assert history.commitment_entries(row)[0].reason == REASON


def test_what_nobody_touched_stays_and_records_nothing(curator, signed_in, offices, deliverable):
    before = Decision.objects.count()
    sent = cells(deliverable, {"lead_office": "MFA"}, lead_office="MFA", due_on="")
    answer = signed_in(curator).post(ADDRESS, sent | {"reason": ""}, follow=True)
    assert "Nothing to change: all values are as on record." in answer.text
    assert Decision.objects.count() == before


@pytest.mark.parametrize(
    ("changed", "reason", "sentence"),
    [
        (
            {"lead_office": "NONE"},
            REASON,
            "There is no open office “NONE”. “Offices” under “All records” lists all.",
        ),
        ({"lead_office": "OLD"}, REASON, "There is no open office “OLD”"),
        ({"due_on": "soon"}, REASON, "is not a date such as 2026-06-30."),
        ({"due_on": "2027-01"}, REASON, "is not a date such as 2026-06-30."),
        ({"due_on": "2027-01-01"}, " ", "Give a reason."),
        ({"due_on": "2027-01-01"}, "\u3164", "Give a reason."),
        ({"supporting_offices": "MFA"}, REASON, "must not include the lead office"),
        ({"ends_on": "2027-01-01"}, REASON, "end date"),
    ],
)
def test_a_wrong_cell_keeps_everything_from_being_saved_and_is_marked(
    changed, reason, sentence, curator, signed_in, offices, duty, deliverable
):
    sent = cells(duty, lead_office="CAC") | cells(deliverable, {"lead_office": "MFA"}, **changed)
    page = signed_in(curator).post(ADDRESS, sent | {"reason": reason}).text
    assert sentence.lower() in page.lower()
    assert 'value="CAC"' in page
    assert stored(duty) == (None, [], None, None)


def test_a_cell_that_somebody_else_changed_meanwhile_is_not_overwritten(
    curator, signed_in, offices, deliverable
):
    page = signed_in(curator).get(ADDRESS).text
    assert f'name="w{deliverable.pk}-lead_office" value="MFA"' in page
    deliverable.lead_office = offices[1]
    deliverable.save()
    sent = cells(deliverable, {"lead_office": "MFA"}, lead_office="", due_on="2027-01-01")
    page = signed_in(curator).post(ADDRESS, sent | {"reason": REASON}).text
    assert "This has been changed meanwhile: it is now “CAC”." in page
    assert stored(deliverable) == ("CAC", [], None, None)


@pytest.mark.parametrize("persona", ["reporter", "reviewer"])
def test_others_read_the_table_and_change_nothing(persona, request, signed_in, offices, duty):
    client = signed_in(request.getfixturevalue(persona))
    page = client.get(ADDRESS).text
    assert "1.1" in page
    assert f'name="c{duty.pk}-lead_office"' not in page
    sent = cells(duty, lead_office="CAC") | {"reason": REASON}
    assert client.post(ADDRESS, sent).status_code == 404
    assert stored(duty) == (None, [], None, None)


def test_only_a_curator_saves_whatever_the_interface(reporter, offices, plan, duty):
    changes, _problems = planned_changes(plan, {"1.1": {"lead_office": "CAC"}})
    with pytest.raises(NotPermitted):
        save_planned(changes, by=reporter, at=NOW, reason=REASON)
    assert stored(duty) == (None, [], None, None)


def test_the_table_says_what_is_due_and_what_is_under_way(
    signed_in, offices, duty, deliverable, reporter, reviewer
):
    published(duty, reporter, reviewer, status="active", effective_on=date(2025, 6, 1))
    submitted(duty, reporter)
    rows = {row.commitment.number: row for row in signed_in(reviewer).get(ADDRESS).context["rows"]}
    assert rows["1.1"].commitment.next_due_on == date(2026, 6, 2)
    assert (rows["1.1"].in_review, rows["1.1"].drafts) == (1, 0)
    assert rows["1.2"].commitment.next_due_on is None


def test_the_table_says_from_which_day_a_due_date_is_near(
    reviewer, signed_in, offices, deliverable
):
    deliverable.due_on = date(2026, 7, 22)
    deliverable.save()
    page = table(signed_in(reviewer))
    assert '<span class="day">22 July 2026</span>' in page


@pytest.mark.long
def test_the_table_is_searched_and_sorted_by_what_is_due(
    signed_in, offices, plan, duty, reporter, reviewer
):
    published(duty, reporter, reviewer, status="active", effective_on=date(2025, 6, 1))
    client = signed_in(reviewer)

    def numbers(query):
        return [row.commitment.number for row in client.get(ADDRESS + query).context["rows"]]

    assert numbers("") == ["1.1", "1.2"]
    assert numbers("?sort=due") == ["1.2", "1.1"]
    assert numbers("?q=PLAN-1.2") == ["1.2"]
    assert client.get("/admin/planning/").url == ADDRESS
    PlanFactory(code="OTHER")
    assert 'href="/admin/planning/OTHER/"' in client.get(ADDRESS).text
    assert client.get("/admin/planning/NONE/").status_code == 404


@pytest.mark.parametrize("rows", [1, 12])
def test_the_table_takes_no_query_per_row(
    rows, signed_in, offices, plan, curator, django_assert_max_num_queries
):
    for number in range(rows):
        row = CommitmentFactory(plan=plan, number=f"8.{number}", position=10 + number)
        row.supporting_offices.add(offices[0])
    client = signed_in(curator)
    with django_assert_max_num_queries(16):
        client.get(ADDRESS)


@pytest.mark.long
def test_milestones_are_counted_and_the_next_is_named(
    curator, reporter, reviewer, signed_in, offices, deliverable
):
    client = signed_in(curator)
    assert "Milestones" not in table(client)
    for key, day in (("m1", date(2026, 1, 1)), ("m2", date(2026, 3, 1)), ("m3", date(2027, 1, 1))):
        MilestoneFactory(commitment=deliverable, key=key, title=en_zh(f"Step {key}"), due_on=day)
    offices[0].members.add(reporter)
    published(deliverable, reporter, reviewer, meets=["m1"])
    [row] = re.findall(rf"<tr>(?:(?!<tr>).)*>{deliverable.number}</a>.*?</tr>", table(client))
    assert "1 of 3 met" in row
    assert "1 March 2026</span> Step m2</span> <strong>Overdue</strong>" in row
    assert row.count("Overdue") == 1


def test_whoever_has_seen_the_present_value_may_replace_it(
    curator, signed_in, offices, deliverable
):
    client = signed_in(curator)
    sent = cells(deliverable, {"lead_office": "CAC"}, lead_office="") | {"reason": REASON}
    page = client.post(ADDRESS, sent).text
    assert "it is now “MFA”" in page
    assert f'name="w{deliverable.pk}-lead_office" value="MFA"' in page
    sent = cells(deliverable, {"lead_office": "MFA"}, lead_office="") | {"reason": REASON}
    assert client.post(ADDRESS, sent).status_code == 302
    assert stored(deliverable) == (None, [], None, None)


def test_every_mistake_is_said_at_once_with_the_missing_reason(
    curator, signed_in, offices, deliverable
):
    sent = cells(deliverable, due_on="soon") | {"reason": ""}
    page = signed_in(curator).post(ADDRESS, sent).text
    assert "“soon” is not a date such as 2026-06-30." in page
    assert "Give a reason." in page


@pytest.mark.parametrize(("reason", "sentence"), REFUSED_REASONS)
def test_a_reason_that_cannot_be_published_is_refused_as_it_was_typed(
    reason, sentence, curator, signed_in, offices, duty
):
    sent = cells(duty, lead_office="CAC") | {"reason": reason}
    answer = signed_in(curator).post(ADDRESS, sent)
    assert sentence in answer.text
    assert answer.context["reason"] == reason
    assert stored(duty) == (None, [], None, None)


def test_a_dry_run_changes_nothing(curator, offices, plan, duty):
    changes, problems = planned_changes(plan, {"1.1": {"lead_office": "CAC"}})
    assert problems == []
    before = Decision.objects.count()
    assert save_planned(changes, by=curator, at=NOW, reason=REASON, dry_run=True) == 1
    assert (stored(duty), Decision.objects.count()) == ((None, [], None, None), before)
    with pytest.raises(InvalidInput):
        save_planned(changes, by=curator, at=NOW, reason="", dry_run=True)


@pytest.mark.parametrize(
    "written", ["CAC, MFA", "MFA,CAC", "MFA; CAC", "MFA、CAC", "MFA, CAC, MFA", " CAC ,MFA,"]
)
def test_several_offices_are_written_in_any_order_with_any_separator(written, offices, plan, duty):
    [change], _problems = planned_changes(plan, {"1.1": {"supporting_offices": written}})
    assert change.after == "CAC, MFA"


def test_offices_may_be_named(curator, signed_in, offices, duty, deliverable):
    for office, name in zip(offices, ("外交部", "网信办"), strict=True):
        office.name = en_zh(f"Office {office.code}", name)
        office.save()
    sent = cells(duty, lead_office="外交部", supporting_offices="office cac、网信办")
    signed_in(curator).post(ADDRESS, sent | {"reason": REASON})
    assert stored(duty)[:2] == ("MFA", ["CAC"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("CAAC", "CAC (Cyberspace Administration)"),
        ("cyberspace", "CAC (Cyberspace Administration)"),
        ("Ministry of Foreign Affair", "MFA (Ministry of Foreign Affairs)"),
        ("网信办", "CAC (Cyberspace Administration)"),
    ],
)
def test_a_mistyped_office_is_answered_with_those_that_may_be_meant(
    typed, meant, curator, signed_in, offices, duty
):
    names = (
        ("Ministry of Foreign Affairs", "外交部"),
        ("Cyberspace Administration", "国家互联网信息办公室"),
    )
    for office, (english, chinese) in zip(offices, names, strict=True):
        office.name = en_zh(english, chinese)
        office.save()
    page = signed_in(curator).post(ADDRESS, cells(duty, lead_office=typed) | {"reason": REASON})
    said = f"There is no open office “{typed}”. Was one of these meant? {meant}"
    assert said in page.text
    assert f"{meant};" not in page.text


def test_at_most_five_offices_are_named(curator, signed_in, offices, duty):
    for number in range(9):
        OfficeFactory(code=f"UNIT-{number}")
    page = signed_in(curator).post(ADDRESS, cells(duty, lead_office="UNIT-X") | {"reason": REASON})
    assert [f"UNIT-{number} (" in page.text for number in range(9)] == [True] * 5 + [False] * 4


def test_a_name_that_two_offices_have_says_neither(curator, signed_in, offices, duty):
    for office in offices:
        office.name = en_zh("The office")
        office.save()
    page = signed_in(curator).post(ADDRESS, cells(duty, lead_office="The office"))
    assert "The office" in page.text
    assert stored(duty)[0] is None
