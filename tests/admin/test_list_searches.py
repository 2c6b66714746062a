"""The lists of records are searched by what staff remember, and filtered by offices and persons,
who are shown by name."""

from datetime import date

import pytest

from commitments.curation.report_calls import ask_for_reports
from tests.factories import (
    CriterionFactory,
    ForumFactory,
    MeetingFactory,
    MilestoneFactory,
    OfficeFactory,
)
from tests.steps import NOW, draft
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def found(signed_in, curator):
    """Return a function that gives the rows of a list that a query finds."""
    client = signed_in(curator)

    def found(model, query):
        answer = client.get(f"/admin/commitments/{model}/", query)
        return list(answer.context["cl"].result_list)

    return found


@pytest.mark.parametrize("words", ["non-paper", "非正式文件", "DUTY"])
def test_a_milestone_is_found_by_its_words_and_its_commitment(words, found, duty):
    step = MilestoneFactory(commitment=duty, title=en_zh("Non-paper handed in", "提交非正式文件"))
    other = MilestoneFactory(title=en_zh("Report", "报告"))
    word = duty.code if words == "DUTY" else words
    assert found("milestone", {"q": word}) == [step]
    assert set(found("milestone", {})) == {step, other}


def test_a_criterion_is_found_by_its_words(found, duty):
    text = en_zh("Drains were cleaned", "已清理排水沟")
    criterion = CriterionFactory(commitment=duty, key="drains", text=text)
    CriterionFactory()
    for words in ("drains", "排水沟"):
        assert found("criterion", {"q": words}) == [criterion]


@pytest.mark.parametrize("words", ["seventh", "第七", "Montevideo", "COUNCIL"])
def test_a_meeting_is_found_by_its_title_place_and_forum(words, found):
    council = ForumFactory(code="COUNCIL", name=en_zh("Council", "理事会"))
    meeting = MeetingFactory(
        forum=council,
        title=en_zh("Seventh session", "第七届会议"),
        place=en_zh("Montevideo", "蒙得维的亚"),
    )
    MeetingFactory(title=en_zh("Other", "其他"))
    assert found("meeting", {"q": words}) == [meeting]


@pytest.mark.parametrize("model", ["milestone", "criterion"])
def test_parts_of_commitments_are_filtered_by_the_lead_office(model, found, duty):
    duty.lead_office = OfficeFactory(code="CAC")
    duty.save()
    make = {"milestone": MilestoneFactory, "criterion": CriterionFactory}[model]
    row = make(commitment=duty, key="drains")
    make()
    filtered = {"commitment__lead_office__id__exact": duty.lead_office.pk}
    assert found(model, filtered) == [row]


def test_meetings_are_filtered_by_the_offices_that_go(found):
    office = OfficeFactory(code="MFA")
    meeting, _other = MeetingFactory(), MeetingFactory()
    meeting.offices.add(office)
    assert found("meeting", {"offices__id__exact": office.pk}) == [meeting]


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [("Ann", "Lee", "Ann Lee (reporter)"), ("明", "李", "李明 (reporter)")],
)
def test_authors_are_on_offer_by_name(
    first, last, shown, duty, reporter, other_reporter, read, curator
):
    reporter.first_name, reporter.last_name = first, last
    reporter.save()
    for author in (reporter, other_reporter):
        draft(duty, author)
    page = read(curator, "/admin/commitments/progressupdate/")
    assert f'?author__id__exact={reporter.pk}">{shown}</a>' in page


def test_a_list_shows_persons_by_name(duty, curator, read):
    curator.first_name, curator.last_name = "Ann", "Lee"
    curator.save()
    ask_for_reports(duty.plan, due_on=NOW.date(), by=curator, at=NOW)
    page = read(curator, "/admin/commitments/reportcall/")
    assert '<td data-label="Asked by" class="field-person">Ann Lee</td>' in page


def test_a_list_writes_days_as_all_pages_do(duty, curator, read):
    MilestoneFactory(commitment=duty, due_on=date(2026, 3, 4))
    for language, day in (("en", "4 March 2026"), ("zh-CN", "2026年3月4日")):
        assert f'class="field-day">{day}</' in read(
            curator, "/admin/commitments/milestone/", language
        )
