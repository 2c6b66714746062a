"""The report on a period: its page and its files, opened again."""

import html
import io
import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import docx
import openpyxl
import pytest
from django.utils.html import strip_tags

from commitments.choices import Action, Visibility
from commitments.models import ProgressUpdate
from commitments.pages import report_words
from commitments.texts.xml_safe import strip_invalid_xml
from tests import steps
from tests.factories import CommitmentFactory, ForumFactory, GoalFactory, PlanFactory
from tests.fixtures.worlds import people, shared_world, the_deliverable, the_duty, the_plan
from tests.other_languages import load_plan_of
from tests.steps import NOW
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("a_day_later")]

QUARTER = "?from=2026-04-01&to=2026-06-30"
PAGE = f"/en/PLAN/report/{QUARTER}"
SHEETS = [
    "Summary",
    "Changes",
    "Events",
    "Sentences to quote",
    "Sources",
    "Not known",
    "Corrections",
    "About",
]


@pytest.fixture(scope="module", autouse=True)
def built(django_db_setup, django_db_blocker):
    with shared_world(django_db_blocker):
        yield build()


def build():
    reporter, reviewer, _curator = people()
    plan = the_plan()
    duty, deliverable = the_duty(plan), the_deliverable(plan)
    duty.goal = GoalFactory(plan=plan, number=1)
    duty.save()
    duty.partnerships.create(forum=ForumFactory(code="SILENT"))
    steps.published(duty, reporter, reviewer, status="active", effective_on=date(2025, 3, 1))
    event = steps.published(
        duty,
        reporter,
        reviewer,
        status="partly_active",
        effective_on=date(2026, 5, 1),
        summary=en_zh("=A <b>meeting</b>.", "开<b>会</b>了。"),
        evidence=[steps.RESOLUTION, steps.REPORT, steps.INTERNAL],
    )
    return SimpleNamespace(plan=plan, duty=duty, deliverable=deliverable, event=event)


@pytest.fixture
def open_docx(client):
    def open_docx(query=QUARTER, language="en", plan="PLAN"):
        answer = client.get(f"/{language}/{plan}/report.docx{query}")
        assert answer.status_code == 200, answer
        return docx.Document(io.BytesIO(answer.content))

    return open_docx


@pytest.fixture
def open_xlsx(client):
    def open_xlsx(query=QUARTER, language="en", plan="PLAN"):
        answer = client.get(f"/{language}/{plan}/report.xlsx{query}")
        assert answer.status_code == 200, answer
        return openpyxl.load_workbook(io.BytesIO(answer.content))

    return open_xlsx


def parts_of_page(page):
    """Return the words of headings, paragraphs and cells of the report, in order, as XML can hold
    them."""
    article = re.search(r'<article class="report">(.*?)</article>', page, re.DOTALL)[1]
    article = re.search(r"<h1>.*?</h1>", page)[0] + article
    pattern = r"<(h[1-3]|p|caption|th|td)\b[^>]*>(.*?)</\1>"
    found = [words for _tag, words in re.findall(pattern, article, re.DOTALL)]
    words = [html.unescape(strip_tags(each)) for each in found]
    return [strip_invalid_xml(" ".join(each.split())) for each in words]


def parts_of_docx(file):
    """Return the same of a file, without the numbers of its sources."""
    parts = []
    for each in file.element.body.iter(docx.oxml.ns.qn("w:p")):
        words = " ".join(docx.text.paragraph.Paragraph(each, file).text.split())
        parts += [re.sub(r"^[0-9]+\. ", "", words)] if words else []
    return parts


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_file_says_what_the_page_says(get_page, open_docx, language):
    page = parts_of_page(get_page(f"/{language}/PLAN/report/{QUARTER}"))
    assert parts_of_docx(open_docx(language=language)) == page
    assert len(page) > 40


@pytest.mark.long
def test_the_page_says_what_changed_and_why(flat):
    page = strip_tags(flat(PAGE))
    assert "Report on 1 April – 30 June 2026" in page
    assert "Scope: all 2 commitments of the plan." in page
    assert "The beginning is 31 March 2026, the day before the period; the end is" in page
    assert "From 31 March 2026 to 30 June 2026: 1 worsened; 1 is unchanged." in page
    assert "=A <b>meeting</b>." in flat(PAGE).replace("&lt;", "<").replace("&gt;", ">")
    for heading in ("Summary", "Changes", "Worsened", "Events", "What is not known", "Sources"):
        assert re.search(rf"<h[23]>{heading}</h[23]>", flat(PAGE)), heading


@pytest.mark.long
def test_a_sentence_to_quote_has_status_age_and_an_address_that_lasts(get_page, client, built):
    [sentence] = [part for part in parts_of_page(get_page(PAGE)) if "Status on" in part]
    before, address = sentence.split("http://testserver")
    assert before == (
        f"PLAN-1.1 “{built.duty.title}”, {built.plan.title}. Status on 30 June 2026: Partly active "
        "(Third-party source, assessed to 1 May 2026). Commitment tracker, "
    )
    answer = client.get(address)
    assert answer["Location"].startswith("/en/PLAN/commitments/1.1/?as_of=2026-06-30&known_at=2026")


@pytest.mark.long
def test_the_address_of_the_report_always_shows_the_same(
    client, get_page, built, reporter, reviewer
):
    before = get_page(f"{PAGE}&goal=1")
    [address] = re.findall(r'href="http://testserver(/at/[^"]*report/[^"]*)"', before)
    later = NOW + timedelta(hours=20)
    steps.published(built.duty, reporter, reviewer, later, effective_on=date(2026, 6, 1))
    assert "1 June 2026" not in before
    assert "1 June 2026" in get_page(f"{PAGE}&goal=1")
    answer = client.get(html.unescape(address), follow=True)
    assert answer.status_code == 200
    assert parts_of_page(answer.text) == parts_of_page(before)


@pytest.mark.long
def test_without_dates_it_is_on_the_last_quarter_that_is_over(flat):
    assert "Report on 1 April – 30 June 2026" in flat("/en/PLAN/report/")
    assert "Report on 1 July – 2 July 2026" not in flat("/en/PLAN/report/")
    assert "Report on 1 – 2 July 2026" in flat("/en/PLAN/report/?to=2026-07-02")
    assert "Report on 1 January – 2 July 2026" in flat("/en/PLAN/report/?from=2026-01-01")
    assert "Report on 1 April – 5 May 2026" in flat("/en/PLAN/report/?as_of=2026-05-05")
    known = "/en/PLAN/report/?known_at=2026-02-01T00:00:00Z"
    assert "Report on 1 October – 31 December 2025" in flat(known)


@pytest.mark.long
def test_a_period_may_be_chosen_by_a_link_that_keeps_the_selection(flat):
    page = flat(f"{PAGE}&goal=1")
    assert '<strong aria-current="true">Last quarter</strong>' in page
    assert '<a href="?from=2025-01-01&goal=1&to=2025-12-31">Last year</a>' in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?from=2026-04-02&to=2026-04-01", "The first day is after the last."),
        ("?from=2026-05-06&as_of=2026-05-05", "The first day is after the last."),
        ("?to=2026-07-03", "This date is in the future; today is 2026-07-02."),
        ("?from=yesterday", "Enter a date such as 2026-06-30."),
    ],
)
def test_wrong_dates_are_told_at_the_form_and_no_report_is_made(flat, client, query, said):
    page = flat(f"/en/PLAN/report/{query}")
    assert said in page.partition('aria-invalid="true"')[2]
    assert '<article class="report">' not in page
    answer = client.get(f"/en/PLAN/report.docx{query}")
    assert (answer.status_code, answer["Location"]) == (302, f"/en/PLAN/report/{query}")


@pytest.mark.long
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("&x=1", "Unknown parameter “x”; it was ignored."),
        ("&languages=x", "Languages (languages): The only value is “all”. It was ignored."),
        ("&as_of=2026-05-01", "Date (as_of): The last day is given by “to”. It was ignored."),
        ("&from=2026-05-01", "“from” is given more than once; only the last value counts."),
    ],
)
def test_a_mistake_in_the_query_is_noticed_and_makes_no_file(flat, client, more, said):
    assert said in flat(f"{PAGE}{more}")
    for extension in ("docx", "xlsx"):
        assert client.get(f"/en/PLAN/report.{extension}{QUARTER}{more}").status_code == 302


@pytest.mark.long
def test_the_page_says_that_all_languages_are_in_the_files(flat):
    page = flat(f"{PAGE}&languages=all")
    assert "This page is in one language; all languages stand side by side in the files." in page
    assert "Unknown parameter" not in page


@pytest.mark.long
def test_the_selection_is_named_in_words(flat):
    page = strip_tags(flat(f"{PAGE}&kind=deliverable"))
    assert "Scope: 1 of 2 commitments. Kind: Deliverable." in page
    assert "No event dated in this period is on record." in page
    assert not [part for part in parts_of_page(flat(f"{PAGE}&kind=deliverable")) if "1.1" in part]
    nothing = strip_tags(flat(f"{PAGE}&goal=none&kind=standing"))
    assert "No commitments match." in nothing


@pytest.mark.long
def test_nothing_is_said_of_a_time_before_the_plan(flat, open_docx, open_xlsx):
    query = "?from=2010-01-01&to=2010-12-31"
    plan = PlanFactory(code="LATE", adopted_on=date(2020, 5, 1))
    the_duty(plan)
    page = parts_of_page(flat(f"/en/LATE/report/{query}"))
    assert page[2:] == ["The plan was not adopted until 1 May 2020."]
    assert parts_of_docx(open_docx(query, plan="LATE")) == page
    book = open_xlsx(query, plan="LATE")
    assert book.sheetnames == ["About"]
    assert ("Notice", page[2]) in list(book["About"].values)


@pytest.mark.long
def test_internal_sources_and_drafts_are_in_no_file(client, built, reporter):
    steps.draft(built.duty, reporter, effective_on=date(2026, 6, 1), summary=en_zh("Secret."))
    page = client.get(PAGE).text
    for words in ("Internal minutes", "Secret."):
        assert words not in page
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/en/PLAN/report.xlsx{QUARTER}").content))
    cells = {str(value) for sheet in book for row in sheet.values for value in row}
    assert not [cell for cell in cells if "Internal" in cell or "Secret" in cell]


@pytest.mark.long
def test_a_workbook_has_the_same_facts_with_their_types(open_xlsx, flat):
    book = open_xlsx()
    assert book.sheetnames == SHEETS
    summary = {tuple(row[:2]): row[2:] for row in book["Summary"].values}
    assert summary["Standing duty", "Active"] == (1, 0)
    assert summary["Standing duty", "Partly active"] == (0, 1)
    assert summary["Deliverable", "Fulfilled, at most"] == (1, 1)
    worse, unchanged = list(book["Changes"].values)[1:]
    assert (worse[2], worse[3], worse[5]) == ("Worsened", "Active", "Partly active")
    assert worse[6] == datetime(2026, 5, 1)
    assert unchanged[2] == "Unchanged"
    [event] = list(book["Events"].values)[1:]
    assert (event[0], event[3], event[6]) == ("PLAN-1.1", datetime(2026, 5, 1), "1; 2")
    assert [row[0] for row in book["Sources"].values][1:] == [1, 2]
    assert ("Not yet assessed", "PLAN-1.2") in [row[:2] for row in book["Not known"].values]
    assert ("No action on record in the period", "SILENT") in [
        row[:2] for row in book["Not known"].values
    ]
    quoted = list(book["Sentences to quote"].values)[1:]
    assert quoted[0][0] == "PLAN-1.1"
    [(_code, sentence)] = quoted
    words, _separator, address = sentence.rpartition(" ")
    assert words in flat(PAGE)
    assert f'href="{address}"' in flat(PAGE)
    about = dict(row[:2] for row in book["About"].values)
    assert about["Link"] in flat(PAGE)
    assert about["From"] == datetime(2026, 4, 1)


@pytest.mark.long
def test_a_long_list_is_cut_and_the_workbook_has_all(
    get_page, open_xlsx, built, reporter, reviewer, monkeypatch
):
    monkeypatch.setattr(report_words, "MAX_ENTRIES", 1)
    for number in ("1.8", "1.9"):
        CommitmentFactory(plan=built.plan, number=number, position=9)
    day = date(2026, 4, 2)
    steps.published(built.deliverable, reporter, reviewer, effective_on=day)
    other = [{**steps.STATEMENT, "title": "Of a cut event"}]
    steps.published(built.deliverable, reporter, reviewer, effective_on=day, evidence=other)
    page = parts_of_page(get_page(PAGE))
    # Of the events and of the commitments not yet assessed.
    assert page.count("2 more are in the workbook (XLSX).") == 2
    assert page[-1] == "1 more is in the workbook (XLSX)."
    assert not [part for part in page if "Of a cut event" in part]
    book = open_xlsx()
    unknown = [row[1] for row in book["Not known"].values if row[0] == "Not yet assessed"]
    assert unknown == ["PLAN-1.2", "PLAN-1.8", "PLAN-1.9"]
    assert "Of a cut event" in [row[1] for row in book["Sources"].values]


@pytest.mark.long
def test_words_in_a_workbook_are_no_formulas(open_xlsx):
    cell = open_xlsx()["Events"]["F2"]
    assert (cell.data_type, cell.value) == ("s", "=A <b>meeting</b>.")


@pytest.mark.long
def test_all_languages_stand_side_by_side(open_docx, open_xlsx, flat):
    file = open_docx(f"{QUARTER}&languages=all")
    headings = [row.text for row in file.paragraphs if row.style.name == "Heading 1"]
    assert headings[0] == "Summary / 概要"
    rows = [[cell.text for cell in row.cells] for table in file.tables for row in table.rows]
    assert any(row[0].startswith("As of") and row[1].startswith("截至") for row in rows)
    assert file.core_properties.language == "en, zh-Hans"
    book = open_xlsx(f"{QUARTER}&languages=all")
    header = [cell.value for cell in book["Events"][1]]
    assert header[5:7] == ["Event type (English)", "Event type (Simplified Chinese)"]
    [_code, english, chinese] = list(book["Sentences to quote"].values)[1]
    assert "Status on 30 June 2026" in english
    assert "2026年6月30日" in chinese
    assert "DOCX in all languages" in flat(PAGE)


@pytest.mark.long
@pytest.mark.parametrize(("language", "sheet"), [("en", "Summary"), ("ar", "概要"), ("zh", "概要")])
def test_headings_are_in_the_language_of_the_cells(open_docx, open_xlsx, language, sheet):
    """If the interface has none of the plan's languages, that is the reader's."""
    the_duty(PlanFactory(code="ONE", languages=[language]))
    query = f"{QUARTER}&languages=all"
    assert open_xlsx(query, "zh-hans", plan="ONE").sheetnames[0] == sheet
    headings = open_docx(query, "zh-hans", plan="ONE").paragraphs
    assert sheet in [row.text for row in headings if row.style.name == "Heading 1"]


@pytest.mark.long
def test_a_text_from_right_to_left_keeps_its_direction(reporter, reviewer, open_docx, get_page):
    load_plan_of("OASIS", reporter, reviewer)
    query = "?from=2026-06-01&to=2026-06-30"
    file = open_docx(query, plan="OASIS")
    [summary] = {row.text for row in file.paragraphs if "شارك المجلس" in row.text}
    found = [row for row in file.paragraphs if row.text == summary]
    assert all(row._p.pPr.find(docx.oxml.ns.qn("w:bidi")) is not None for row in found)
    page = get_page(f"/en/OASIS/report/{query}")
    assert 'lang="ar" dir="rtl"' in page
    assert "in all languages" not in page


@pytest.mark.long
def test_a_correction_is_reported_with_its_reason(flat, built, reviewer):
    event = ProgressUpdate.objects.get(pk=built.event.pk)
    steps.perform(event, Action.RETRACT, reviewer, NOW + timedelta(hours=1), note="Wrong.")
    page = strip_tags(flat("/en/PLAN/report/?from=2026-07-01&to=2026-07-02"))
    assert "1 July 2026 · update withdrawn · Assessed to 1 May 2026 ·" in page
    assert "Reason: Wrong." in page


@pytest.mark.long
def test_a_file_is_named_by_plan_period_and_language_and_has_lasting_bytes(client):
    names, files = [], set()
    for language in ("en", "zh-hans", "en"):
        answer = client.get(f"/{language}/PLAN/report.docx{QUARTER}")
        names.append(answer["Content-Disposition"])
        files.add(answer.content)
    assert names[0] == 'attachment; filename="PLAN-report-2026-04-01-2026-06-30-en.docx"'
    assert (len(set(names)), len(files)) == (2, 2)
    same = {client.get(f"/en/PLAN/report.xlsx{QUARTER}").content for _ in range(2)}
    assert len(same) == 1
    assert answer["Content-Type"].endswith("wordprocessingml.document")


@pytest.mark.long
@pytest.mark.parametrize("path", ["report/", "report.docx", "report.xlsx"])
def test_an_answer_that_has_not_changed_is_not_sent_again(client, path):
    answer = client.get(f"/en/PLAN/{path}{QUARTER}")
    again = client.get(f"/en/PLAN/{path}{QUARTER}", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.long
def test_the_report_of_a_draft_plan_is_for_staff(client, curator, built):
    built.plan.visibility = Visibility.DRAFT
    built.plan.save()
    paths = ("report/", "report.docx", "report.xlsx")
    assert {client.get(f"/en/PLAN/{path}").status_code for path in paths} == {404}
    client.force_login(curator)
    answer = client.get("/en/PLAN/report.docx")
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.long
def test_other_pages_lead_to_it(flat):
    assert 'href="/en/PLAN/report/?from=2025-07-03&to=2026-07-02"' in flat("/en/PLAN/time/")
    for query, file in (("", "/"), ("?as_of=2026-03-31", ".docx?as_of=2026-03-31")):
        assert f'href="/en/PLAN/report{file}"' in flat(f"/en/PLAN/data/{query}")


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "queries"), [("report/", 16), ("report.docx", 15), ("report.xlsx", 15)]
)
def test_a_report_costs_a_fixed_number_of_queries(client, django_assert_num_queries, path, queries):
    with django_assert_num_queries(queries):
        client.get(f"/en/PLAN/{path}{QUARTER}")
