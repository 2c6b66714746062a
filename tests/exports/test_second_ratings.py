"""Second ratings in files: what the second person found, and how a difference was resolved."""

import csv
import io

import openpyxl
import pytest

from commitments.choices import Action
from tests.steps import perform
from tests.workflow.assessing import add_criteria
from tests.workflow.rating import ALL, SOME, assessed, event_on, rate, rate_blind

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]

TABLES = {
    "export": "/api/v1/updates/export/?format=csv",
    "tidy": "/api/v1/data/PLAN/updates.csv",
}
COLUMNS = ("rated_status", "assessed_status", "ratings_agree", "rating_outcome")


@pytest.fixture
def event(plan, duty, reporter, reviewer):
    rate_blind(plan)
    add_criteria(duty)
    return event_on(duty, reporter, reviewer)


@pytest.fixture
def update(duty, reporter, event):
    return assessed(duty, reporter, event)


@pytest.fixture
def row(api, update):
    """`row("export", user)` is that of the assessment in a file."""

    def row(name, user=None):
        content = b"".join(api(user).get(TABLES[name])).decode("utf-8-sig")
        rows = {int(row["id"]): row for row in csv.DictReader(io.StringIO(content, newline=""))}
        return rows[update.pk]

    return row


def ratings_in(row):
    return tuple(row[name] for name in COLUMNS)


@pytest.mark.parametrize("name", TABLES)
def test_a_rating_that_agrees_is_in_the_row_of_the_assessment(row, update, event, reviewer, name):
    rate(update, reviewer, event, SOME)
    perform(update, Action.PUBLISH, reviewer)
    assert ratings_in(row(name)) == ("partly_active", "partly_active", "true", "agrees")


@pytest.mark.parametrize("name", TABLES)
def test_a_difference_and_how_it_was_resolved_are_in_the_row(
    row, update, event, reporter, reviewer, name
):
    rate(update, reviewer, event, ALL)
    returned = perform(update, Action.RETURN, reviewer, note="See my rating.")
    submitted = perform(returned, Action.SUBMIT, reporter, note="One of three meetings.")
    perform(submitted, Action.PUBLISH, reviewer)
    shown = row(name)
    assert ratings_in(shown) == ("active", "partly_active", "false", "argued")
    assert shown["status"] == "partly_active"


def test_codes_have_their_labels_in_every_language_of_the_interface(row, update, event, reviewer):
    rate(update, reviewer, event, SOME)
    perform(update, Action.PUBLISH, reviewer)
    shown = row("export")
    assert (shown["rated_status_label_en"], shown["rating_outcome_label_en"]) == (
        "Partly active",
        "It agrees.",
    )
    assert shown["rated_status_label_zh-Hans"] == "部分履行"


def test_whoever_has_to_rate_first_reads_no_rating_in_a_file(
    row, update, event, reporter, reviewer, other_reviewer
):
    rate(update, reviewer, event, ALL)
    assert ratings_in(row("export", other_reviewer)) == ("", "", "", "")
    assert ratings_in(row("export", reporter)) == ("", "", "", "")
    perform(update, Action.RETURN, reviewer, note="See my rating.")
    assert ratings_in(row("export", reporter)) == ("active", "partly_active", "false", "")


def test_a_withdrawn_assessment_has_no_rating_in_a_file(row, update, event, reviewer):
    rate(update, reviewer, event, SOME)
    perform(update, Action.PUBLISH, reviewer)
    perform(update, Action.RETRACT, reviewer, note="The source was withdrawn.")
    for name in TABLES:
        assert ratings_in(row(name)) == ("", "", "", "")


@pytest.mark.long
def test_the_workbook_of_commitments_says_how_a_rating_came_out(api, update, event, reviewer):
    rate(update, reviewer, event, SOME)
    perform(update, Action.PUBLISH, reviewer)
    answer = api().get("/api/v1/commitments/export/?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer)))
    heading, *rows = book["Updates"].iter_rows(values_only=True)
    shown = [dict(zip(heading, cells, strict=True)) for cells in rows]
    found = {line["Update"]: (line["Rated status"], line["Second rating"]) for line in shown}
    assert found == {update.pk: ("Partly active", "It agrees."), event.pk: (None, None)}


@pytest.mark.long
def test_a_workbook_of_plans_without_second_ratings_has_no_columns_of_them(
    api, plan, duty, reporter, reviewer
):
    event_on(duty, reporter, reviewer)
    answer = api().get("/api/v1/commitments/export/?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer)))
    headings = [cell.value for cell in next(book["Updates"].iter_rows())]
    assert "Evidence level" in headings
    assert "Rated status" not in headings
