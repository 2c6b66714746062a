"""What the form of a draft offers, and to whom."""

import re
from datetime import date

import pytest

from commitments.admin.workbench import update_form
from commitments.models import Partnership, ProgressUpdate
from commitments.workflow import FindingFields
from tests.admin.workbench.forms import LINK, entered, log_of, page_of
from tests.factories import CommitmentFactory, ForumFactory, MilestoneFactory, OfficeFactory
from tests.steps import REPORT, TODAY, draft, published, returned, submitted
from tests.words import en_zh
from tests.workflow import assessing

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

# What the form offers


def test_it_offers_the_statuses_of_the_kind_and_the_forums_of_the_text_first(
    signed_in, duty, reporter, reviewer
):
    named, other = ForumFactory(code="NAMED"), ForumFactory(code="ANOTHER")
    beside = ForumFactory(code="BESIDE")
    Partnership.objects.create(commitment=duty, forum=named)
    neighbour = CommitmentFactory(plan=duty.plan, number="9.9", position=9)
    Partnership.objects.create(commitment=neighbour, forum=beside)
    published(duty, reporter, reviewer, status="inactive", effective_on=date(2025, 6, 1))
    answer = signed_in(reporter).get(log_of(duty))
    form = answer.context["forms"].update
    assert form["when"].value() == TODAY.isoformat()
    offered = [value for value, _label in form.fields["status"].widget.choices]
    assert "completed" not in offered
    assert "partly_active" in offered
    groups = [(title, [pk for pk, _label in rows]) for title, rows in form.fields["forums"].choices]
    assert groups == [
        ("Named in the commitment", [named.pk]),
        ("Other forums of the plan", [beside.pk]),
        ("Forums of other plans", [other.pk]),
    ]
    page = " ".join(answer.text.split())
    assert "Not acted on</span> · 1 June 2025" in page
    assert "Statuses: meaning and evidence required (Standing duty)" in answer.text


def test_what_others_are_writing_on_the_commitment_is_beside_the_form(
    signed_in, office_duty, colleague, office, reviewer
):
    waiting = submitted(office_duty, colleague)
    mine = draft(office_duty, colleague)
    page = signed_in(colleague).get(page_of(mine)).text
    assert f'<a href="{page_of(waiting)}">#{waiting.pk}</a> In review' in page
    assert f'<a href="{page_of(mine)}">#{mine.pk}</a>' not in page


@pytest.mark.long
def test_the_form_and_the_review_say_that_a_commitment_is_overdue(
    reporter, reviewer, signed_in, deliverable
):
    update = submitted(deliverable, reporter, status="started")
    pages = {reviewer: f"/admin/review/{update.pk}/", reporter: log_of(deliverable)}
    for person, address in pages.items():
        assert "Overdue" not in signed_in(person).get(address).text
    deliverable.due_on = date(2026, 1, 1)
    deliverable.save()
    for person, address in pages.items():
        assert "<strong>Overdue</strong>" in signed_in(person).get(address).text


def test_milestones_are_offered_where_there_are_any(signed_in, duty, deliverable, reporter):
    MilestoneFactory(commitment=deliverable, key="m1")
    client = signed_in(reporter)
    assert 'name="meets"' not in client.get(log_of(duty)).text
    assert 'name="meets"' in client.get(log_of(deliverable)).text


def test_a_returned_update_shows_why_it_was_returned(signed_in, duty, reporter, reviewer):
    update = returned(duty, reporter, reviewer)
    page = signed_in(reporter).get(page_of(update)).text
    assert '<span class="note">Name the meeting.</span>' in page


def test_it_offers_the_publishers_that_public_sources_of_the_plan_have_in_all_their_languages(
    signed_in, duty, reporter, reviewer
):
    agency = REPORT | {"publisher": en_zh("Xinhua", "新华社")}
    for pieces in ([agency], [agency], [REPORT], [REPORT | {"publisher": "Elsewhere"}]):
        commitment = CommitmentFactory() if "Elsewhere" in str(pieces) else duty
        published(commitment, reporter, reviewer, evidence=pieces)
    hidden = REPORT | {"publisher": "A source of the staff", "public": False}
    published(duty, reporter, reviewer, evidence=[REPORT, hidden])
    page = signed_in(reporter).get(page_of(draft(duty, reporter, evidence=[REPORT]))).text
    start = page.index('<datalist id="publishers">')
    offered = re.findall('<option value="([^"]+)">', page[start : page.index("</datalist>", start)])
    assert sorted(offered) == sorted({"Xinhua", "新华社", "The institute"})
    assert re.search('name="evidence-0-publisher_name"[^>]* list="publishers"', page)


# Who may


@pytest.mark.parametrize("code", ["PLAN-9.9", "NONE-1", "²", "PLAN"])
def test_there_is_no_form_for_a_commitment_that_does_not_exist(code, signed_in, duty, reporter):
    assert signed_in(reporter).get(f"/admin/log/{code}/").status_code == 404


@pytest.mark.parametrize("persona", ["other_reporter", "reviewer", "curator"])
def test_those_who_may_not_report_are_led_to_the_commitment_and_told_who_may(
    persona, request, signed_in, office_duty
):
    client = signed_in(request.getfixturevalue(persona))
    answer = client.get(log_of(office_duty), follow=True)
    page = f"/admin/commitments/commitment/{office_duty.pk}/change/"
    assert answer.redirect_chain == [(page, 302)]
    code = office_duty.code
    assert f"You may not report on {code}: only reporters from OFFICE may." in answer.text
    assert client.post(log_of(office_duty), entered(LINK)).status_code == 404
    assert not ProgressUpdate.objects.exists()


def test_the_list_of_commitments_to_choose_from_is_what_one_may_report_on(
    signed_in, duty, office_duty, reporter, colleague
):
    OfficeFactory()
    for person, codes in ((reporter, ["PLAN-1.1"]), (colleague, ["PLAN-1.1", "PLAN-1.3"])):
        rows = [row for row, _late in signed_in(person).get("/admin/log/").context["commitments"]]
        assert [row.code for row in rows] == codes
    answer = signed_in(colleague).get("/admin/log/?q=plan-1")
    found = [row for row, _late in answer.context["commitments"]]
    assert [row.code for row in found] == ["PLAN-1.1", "PLAN-1.3"]
    assert "no such commitment" in signed_in(colleague).get("/admin/log/?q=nothing").text


@pytest.mark.parametrize("query", ["PLAN-1.3", "plan-1.3", " 1.3 ", "PLAN－1.3", "１．３"])
def test_a_code_or_number_leads_to_the_form_if_it_is_that_of_one_commitment(
    query, signed_in, office_duty, reporter, colleague
):
    answer = signed_in(colleague).get("/admin/log/", {"q": query})
    assert answer.url == log_of(office_duty)
    # Whoever may not report on it finds none, and two plans may have the same number.
    assert "no such commitment" in signed_in(reporter).get("/admin/log/", {"q": query}).text
    CommitmentFactory(number="1.3")
    OfficeFactory().members.add(colleague)
    answer = signed_in(colleague).get("/admin/log/", {"q": "1.3"})
    assert [row.number for row, _late in answer.context["commitments"]] == ["1.3", "1.3"]


def test_a_long_list_of_commitments_is_cut_and_says_so(signed_in, duty, reporter, monkeypatch):
    monkeypatch.setattr("commitments.admin.workbench.choosing.MAX_CHOICES", 1)
    assert "There are more." not in signed_in(reporter).get("/admin/log/").text
    CommitmentFactory(plan=duty.plan, number="9.9", position=9)
    assert "There are more." in signed_in(reporter).get("/admin/log/").text


@pytest.mark.long
@pytest.mark.parametrize(("rows", "most"), [(1, 35), (6, 35)])
def test_the_form_costs_the_same_queries_for_few_and_for_many(
    rows, most, signed_in, duty, reporter, reviewer, django_assert_max_num_queries
):
    assessing.add_criteria(duty, ("a", "b"))
    for _number in range(rows):
        published(duty, reporter, reviewer, criteria=["a"])
        submitted(duty, reporter)
    pieces = [REPORT | {"citation": f"Report {number}."} for number in range(rows)]
    update = draft(duty, reporter, evidence=pieces)
    client = signed_in(reporter)
    with django_assert_max_num_queries(most):
        client.get(page_of(update))


@pytest.mark.parametrize(
    "fields",
    [
        {"findings": {"a": FindingFields("shown")}},
        {"search_note": assessing.LOOKED},
        {"rests_on": True},
    ],
)
def test_an_assessment_that_was_begun_is_shown_before_it_has_a_status(
    fields, signed_in, duty, reporter, reviewer
):
    assessing.add_criteria(duty, ("a", "b"))
    event = published(duty, reporter, reviewer)
    fields |= {"rests_on": [event.pk]} if "rests_on" in fields else {}
    begun = draft(duty, reporter, **fields)
    assert '<details class="assessment" open>' in signed_in(reporter).get(page_of(begun)).text


@pytest.mark.parametrize(
    "sent",
    [{"covers_from": "2026-01-01"}, {"findings_a": "shown"}, {"search_note_en": "Searched."}],
)
def test_an_assessment_that_is_being_typed_stays_open_without_a_status(
    sent, signed_in, duty, reporter
):
    assessing.add_criteria(duty, ("a", "b"))
    page = signed_in(reporter).post(log_of(duty), entered(LINK, cite="1", **sent))
    assert '<details class="assessment" open>' in page.text


@pytest.mark.long
def test_the_assessment_of_a_mere_event_is_folded(signed_in, duty, reporter, reviewer):
    assessing.add_criteria(duty, ("a", "b"))
    published(duty, reporter, reviewer, criteria=["a"])
    event = draft(duty, reporter)
    client = signed_in(reporter)
    sent = entered(LINK, cite="1", findings_a="", findings_b="")
    for page in (client.get(page_of(event)), client.post(log_of(duty), sent)):
        assert '<details class="assessment">' in page.text


def test_the_title_of_a_source_stays_where_it_was_typed(reporter, signed_in, duty):
    """In the first field, that of the language of the source, and not among other languages."""
    update = draft(duty, reporter, evidence=[REPORT | {"title": en_zh("A report", "报告")}])
    client = signed_in(reporter)
    [row] = client.get(page_of(update)).context["forms"].evidence.forms
    assert row["title"].value() == {"und": "A report", "zh": "报告"}
    piece = update.evidence.get()
    shown = {"id": piece.pk, "update": update.pk, "citation": piece.citation, "title_en": ""}
    shown |= {"title_und": "A better report", "title_zh": "报告"}
    sent = entered(shown, expected_revision=update.revision)
    assert client.post(page_of(update), sent).status_code == 302
    assert update.evidence.get().title == en_zh("A better report", "报告")


def test_more_is_opened_once_however_many_of_its_fields_are_wrong(
    monkeypatch, signed_in, duty, reporter
):
    placed = [name for name in update_form.PLACED_FIELDS if name != "when"]
    monkeypatch.setattr(update_form, "PLACED_FIELDS", placed)
    wrong = {"when": "soon", "external_ref": "x" * 1000}
    page = signed_in(reporter).post(log_of(duty), entered(LINK, save="1", **wrong))
    assert re.findall(r"<details(.*)>\s*<summary>More<", page.text)[-1] == " open"
    page = signed_in(reporter).get(log_of(duty))
    assert re.findall(r"<details(.*)>\s*<summary>More<", page.text)[-1] == ""
