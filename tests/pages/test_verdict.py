"""The page of a commitment begins with the verdict: status, sentence, findings and sources."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from django.utils.html import strip_tags

from commitments.choices import Action
from commitments.models import Evidence, ProgressUpdate
from commitments.pages.verdict import by_strength
from tests import steps
from tests.words import en_zh
from tests.workflow.assessing import (
    IN_PART,
    NOT_SHOWN,
    SHOWN,
    add_criteria,
    assess,
    findings,
    publish,
)

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

DUTY = "/en/PLAN/commitments/1.1/"


@pytest.fixture
def assessed(duty, reporter, reviewer):
    """A duty whose assessment rests on two events with three sources, one of them in both."""
    add_criteria(duty)
    people = (reporter, reviewer)
    first = steps.published(
        duty,
        *people,
        event_type="participation",
        effective_on=date(2026, 3, 1),
        evidence=[steps.RESOLUTION, steps.REPORT],
    )
    second = steps.published(
        duty,
        *people,
        event_type="statement",
        effective_on=date(2026, 5, 1),
        date_precision="month",
        evidence=[steps.REPORT],
    )
    aside = {**steps.REPORT, "title": "What others said", "citation": "Page 9."}
    context = steps.published(duty, *people, event_type="context", evidence=[aside])
    found = findings(SHOWN, IN_PART, NOT_SHOWN, events=[first, second])
    facts = {"rests_on": [context.pk], "summary": en_zh("It stands so.", "如此。")}
    draft = assess(duty, reporter, "partly_active", found, **facts)
    publish(draft, reporter, reviewer)
    return first, second


def verdict(page):
    return page[page.index('class="verdict-card"') : page.index('class="rail"')]


def flat(text):
    return " ".join(strip_tags(text).split())


@pytest.mark.long
def test_status_sentence_findings_and_sources_come_before_all_else(get_page, assessed):
    page = get_page(DUTY)
    first = flat(verdict(page))
    places = [
        first.index(words) for words in ("Partly active", "It stands so.", "Criteria", "Sources")
    ]
    assert places == sorted(places)
    assert (
        page.index('class="verdict-card"') < page.index('id="timeline"') < page.index('id="record"')
    )
    assert page.index('id="record"') < page.index('id="text"') < page.index('id="reading"')
    assert page.index('id="reading"') < page.index('id="cite"')
    assert "如此。" in flat(verdict(get_page("/zh-hans/PLAN/commitments/1.1/")))


def test_each_criterion_has_its_finding_and_the_events_that_show_it_with_their_publishers(
    get_page, assessed
):
    rows = re.findall(r"<li.*?</li>", verdict(get_page(DUTY)), re.DOTALL)[:3]
    first, second = assessed
    assert [flat(row).split(" ")[0] for row in rows] == ["Shown", "In", "Not"]
    for row in rows[:2]:
        links = re.findall(r'<a href="#update-(\d+)">([^<]+)</a>', row)
        assert links == [
            (str(first.pk), "1 March 2026 (The institute)"),
            (str(second.pk), "May 2026 (The institute)"),
        ]
    assert "#update-" not in rows[2]


@pytest.mark.long
def test_each_source_behind_it_stands_once_the_strongest_first(get_page, assessed):
    part = verdict(get_page(DUTY))
    sources = flat(part[part.index(">Sources<") :])
    assert sources.count("Report of an institute") == 1
    assert sources.index("Report of an institute") < sources.index("Resolution 1")
    assert "What others said" not in part
    assert "What others said" in get_page(DUTY)


@pytest.mark.long
def test_what_the_verdict_lists_or_an_update_above_is_only_referred_to(
    get_page, assessed, duty, reporter, reviewer
):
    again = {**steps.RESOLUTION, "title": "What they adopted"}
    steps.published(duty, reporter, reviewer, event_type="context", evidence=[again])
    page = get_page(DUTY)
    record = page[page.index('id="record"') : page.index('id="text"')]
    references = re.findall(r'<li class="reference">(.*?)</li>', record, re.DOTALL)
    assert [flat(row).count("Source listed above") for row in references] == [1] * 4
    # What it says otherwise than the one listed is said here.
    assert sum("What they adopted" in row for row in references) == 1
    listed = re.sub(r'<li class="reference">.*?</li>', "", page, flags=re.DOTALL)
    for title in ("Report of an institute", "Resolution 1"):
        assert flat(listed).count(title) == 1
    for target in re.findall(r'href="#(source-\d+)"', record):
        assert page.count(f'id="{target}"') == 1


def basis_shown(page):
    """Return the links of the first criterion and the titles of the sources of a verdict."""
    part = verdict(page)
    row, sources = re.findall(r"<li.*?</li>", part, re.DOTALL)[0], part.partition(">Sources<")[2]
    titles = ("Report of an institute", "Resolution 1", "What others said")
    links = re.findall(r'<a href="#update-(\d+)">([^<]+)</a>', row)
    return [(int(pk), text) for pk, text in links], [name for name in titles if name in sources]


@pytest.mark.long
def test_an_event_is_shown_as_corrected_even_twice_and_moved_and_not_once_it_is_withdrawn(
    get_page, duty, reporter, reviewer
):
    add_criteria(duty)
    people = (reporter, reviewer)
    event = steps.published(duty, *people, evidence=[steps.REPORT], effective_on=date(2026, 3, 1))
    found = findings(SHOWN, NOT_SHOWN, NOT_SHOWN, events=[event])
    publish(assess(duty, reporter, "partly_active", found), *people)
    weaker = {"evidence": [steps.RESOLUTION], "effective_on": date(2026, 3, 2)}
    once = steps.published(duty, *people, corrects=event, **weaker)
    aside = {**steps.RESOLUTION, "title": "What others said", "publisher": en_zh("The court")}
    moved = {"evidence": [aside], "effective_on": date(2026, 6, 30)}
    twice = steps.published(duty, *people, corrects=once, **moved)
    links, titles = basis_shown(get_page(DUTY))
    assert (links, titles) == ([(twice.pk, "30 June 2026 (The court)")], ["What others said"])
    # The correction lies after this day, so it is not in the record of the page.
    page = get_page(f"{DUTY}?as_of=2026-06-29")
    assert "30 June 2026 (The court)" not in verdict(page)
    steps.perform(twice, Action.RETRACT, reviewer, note="The source was withdrawn.")
    links, titles = basis_shown(get_page(DUTY))
    assert (links, titles) == ([(event.pk, f"#{event.pk}, withdrawn")], [])


@pytest.mark.long
def test_a_correction_beyond_the_day_is_named_without_a_link(get_page, duty, reporter, reviewer):
    add_criteria(duty)
    people, early = (reporter, reviewer), {"effective_on": date(2026, 3, 1)}
    event = steps.published(duty, *people, evidence=[steps.RESOLUTION], **early)
    found = findings(SHOWN, NOT_SHOWN, NOT_SHOWN, events=[event])
    publish(assess(duty, reporter, "partly_active", found, **early), *people)
    steps.published(duty, *people, corrects=event, effective_on=date(2026, 5, 1))
    page = get_page(f"{DUTY}?as_of=2026-04-01")
    links, titles = basis_shown(page)
    assert (links, titles) == ([], ["Report of an institute"])
    assert "1 May 2026 (The institute)" in flat(verdict(page))


def test_of_sources_of_one_level_the_newest_comes_first_and_one_without_a_date_by_its_event():
    def piece(url, source, dated_on, effective_on):
        update = ProgressUpdate(effective_on=effective_on)
        return Evidence(url=url, source=source, dated_on=dated_on, update=update)

    old = piece("old", "statement", date(2019, 1, 1), date(2026, 1, 1))
    undated = piece("undated", "statement", None, date(2020, 1, 1))
    new = piece("new", "statement", date(2021, 1, 1), date(2018, 1, 1))
    strong = piece("strong", "independent", date(2017, 1, 1), date(2017, 1, 1))
    again = piece("strong", "statement", date(2026, 1, 1), date(2026, 1, 1))
    assert by_strength([old, undated, new, strong, again]) == [strong, new, undated, old]


def test_only_what_was_reviewed_here_is_said_to_be(get_page, duty, reporter, reviewer, load_record):
    steps.published(duty, reporter, reviewer, status="active")
    here = flat(verdict(get_page(DUTY)))
    assert "reviewed by a second person" in here
    assert "with a file of updates" not in here
    load_record("2.2")
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC), tick=False):
        loaded = flat(verdict(get_page("/en/ISCC/commitments/2.2/")))
    assert "published with a file of updates" in loaded
    assert "reviewed by a second person" not in loaded


def test_without_an_assessment_the_criteria_stand_there_unanswered(get_page, duty):
    add_criteria(duty)
    part = flat(verdict(get_page(DUTY)))
    assert "Not yet assessed No assessment has been published yet." in part
    assert part.count("Not yet assessed a Show a.") == 1
    assert "Sources" not in part


@pytest.mark.long
def test_what_has_lapsed_is_said_beside_the_status(get_page, duty, reporter, reviewer):
    steps.published(duty, reporter, reviewer, status="active", effective_on=date(2021, 1, 1))
    assert "Active lapsed, counts as unknown" in flat(verdict(get_page(DUTY)))
    assert "lapsed" not in flat(verdict(get_page(f"{DUTY}?as_of=2021-06-01")))


def test_assessments_and_events_are_told_apart_and_numbered_without_noise(get_page, assessed):
    page = get_page(DUTY)
    record = page[page.index('id="record"') : page.index('id="text"')]
    assert len(re.findall(r'class="assessment"', record)) == 1
    assert len(re.findall(r'class="event"', record)) == 3
    assert flat(record).count("published on") == 0
    assert re.search(r'title="Update \d+, published on 1 July 2026">#\d+</a>', record)


def test_the_verdict_says_how_old_it_is_and_by_when_it_is_due(
    get_page, plan, deliverable, reporter, reviewer
):
    deliverable.due_on = date(2026, 6, 15)
    steps.edited(deliverable, reviewer)
    steps.published(
        deliverable, reporter, reviewer, status="started", effective_on=date(2026, 6, 1)
    )
    part = flat(verdict(get_page("/en/PLAN/commitments/1.2/")))
    assert re.search(r"Freshness\s*Current · \d+ days old", part)
    assert "Overdue · due 15 June 2026" in part


@pytest.mark.long
def test_a_source_says_its_language_where_it_is_not_the_readers(get_page, duty, reporter, reviewer):
    source = {**steps.RESOLUTION, "language": "pt"}
    steps.published(duty, reporter, reviewer, event_type="participation", evidence=[source])
    place, tag = "PLAN/commitments/1.1/", '<span class="tag">{}</span>'
    page = get_page(f"/en/{place}")
    assert 'rel="external" hreflang="pt">' in page
    assert tag.format("Portuguese") in page
    assert tag.format("葡萄牙语") in get_page(f"/zh-hans/{place}")
    assert tag.format("Portuguese") in get_page("/en/PLAN/search/?q=resolution&type=source")


@pytest.mark.parametrize("language", ["en", "en-GB", ""])
def test_a_source_in_the_readers_language_has_no_tag(get_page, duty, reporter, reviewer, language):
    source = {**steps.RESOLUTION, "language": language}
    steps.published(duty, reporter, reviewer, event_type="participation", evidence=[source])
    assert "English</span>" not in get_page(DUTY).split("</header>")[1]
    assert ("hreflang" in get_page(DUTY).split("</header>")[1]) == bool(language)


LATER = "later than the assessed period"


@pytest.fixture
def late_event(assessed, duty, reporter, reviewer):
    """Return a function that publishes an event of the day after the assessment."""

    def publish_event(**fields):
        day = {"effective_on": steps.TODAY + timedelta(1), "at": timezone.now()}
        return steps.published(duty, reporter, reviewer, **day, **fields)

    return publish_event


def test_events_after_the_assessed_period_are_counted_beside_the_assessment(
    get_page, late_event, reviewer
):
    assert LATER not in flat(verdict(get_page(DUTY)))
    late = late_event()
    assert f"1 event on record is {LATER}" in flat(verdict(get_page(DUTY)))
    assert LATER not in flat(verdict(get_page(f"{DUTY}?as_of={steps.TODAY}")))
    late_event(event_type="context")
    assert f"2 events on record are {LATER}" in flat(verdict(get_page(DUTY)))
    steps.perform(late, Action.RETRACT, reviewer, timezone.now(), note="It was another year.")
    assert f"1 event on record is {LATER}" in flat(verdict(get_page(DUTY)))


def test_a_later_event_is_counted_once_after_a_correction(get_page, late_event):
    late_event(corrects=late_event(), summary=en_zh("Said better.", "更好。"))
    assert f"1 event on record is {LATER}" in flat(verdict(get_page(DUTY)))


def test_an_event_that_a_correction_moved_past_the_day_shown_is_not_later_than_the_assessment(
    get_page, assessed, late_event
):
    first, _second = assessed
    late_event(corrects=first)
    assert LATER not in flat(verdict(get_page(f"{DUTY}?as_of={steps.TODAY}")))
