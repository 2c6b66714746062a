"""Django's lists in the words of this interface, and the list of people."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commitments.models import Decision, Evidence, ProgressUpdate
from tests import steps
from tests.factories import OfficeFactory, UserFactory

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

PEOPLE = "/admin/auth/user/"


@pytest.fixture
def people(administrator):
    """People of an office, of two and of none."""
    offices = [OfficeFactory(code=code) for code in ("CAC", "MFA")]
    made = {name: UserFactory(username=name) for name in ("one", "two", "three")}
    offices[0].members.set([made["one"], made["two"]])
    offices[1].members.add(made["two"])
    return made


def listed(client, query=""):
    return {row.username for row in client.get(f"{PEOPLE}{query}").context["cl"].result_list}


def test_the_list_of_people_says_their_offices(administrator, people, signed_in):
    page = signed_in(administrator).get(PEOPLE).text
    cells = re.findall(r"<td[^>]*field-office_codes[^>]*>([^<]*)</td>", page)
    assert sorted(cells) == ["CAC", "CAC, MFA", "–", "–"]


def test_people_are_filtered_by_office(administrator, people, signed_in):
    client = signed_in(administrator)
    assert listed(client, "?office=CAC") == {"one", "two"}
    assert listed(client, "?office=MFA") == {"two"}
    assert listed(client, "?office=-") == {"three", "administrator"}
    assert "By office" in client.get(PEOPLE).text


@pytest.mark.parametrize("rows", [1, 8])
def test_the_list_of_people_takes_no_query_per_row(
    rows, administrator, people, signed_in, django_assert_max_num_queries
):
    for number in range(rows):
        OfficeFactory(code=f"O{number}").members.add(UserFactory(username=f"person{number}"))
    client = signed_in(administrator)
    with django_assert_max_num_queries(17):
        client.get(PEOPLE)


@pytest.mark.parametrize("model", [ProgressUpdate, Decision, Evidence])
def test_a_list_is_counted_and_selected_without_what_it_shows(
    model, duty, reporter, reviewer, signed_in
):
    steps.published(duty, reporter, reviewer)
    page = reverse(f"admin:commitments_{model._meta.model_name}_changelist")
    with CaptureQueriesContext(connection) as queries:
        assert signed_in(reviewer).get(page).context["cl"].result_list
    table = model._meta.db_table
    of_list = [row["sql"] for row in queries if f' FROM "{table}"' in row["sql"]]
    counts = [sql for sql in of_list if sql.startswith("SELECT COUNT(*) ")]
    ids = f'SELECT "{table}"."id" AS "pk" FROM '
    [selected] = (sql for sql in of_list if " ORDER BY " in sql and sql.startswith(ids))
    # None of them twice.
    assert 1 <= len(counts) == len({*counts})
    for sql in (*counts, selected):
        assert "JOIN" not in sql.partition(" WHERE ")[0]


@pytest.mark.long
def test_no_list_counts_the_rows_of_each_filter(administrator, signed_in, duty):
    client = signed_in(administrator)
    for model in admin.site._registry:
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert "_facets" not in client.get(page).text


def test_lists_are_in_the_words_of_this_interface(administrator, people, signed_in, duty):
    client = signed_in(administrator)
    client.cookies["django_language"] = "zh-hans"
    page = " ".join(client.get(PEOPLE).text.split())
    assert "共4名用户" in page
    assert "已选0项（共4项）" in page
    for words in ("筛选", "操作："):
        assert words in page
    for words in ("过滤器", "动作", "被选", "选中"):
        assert words not in page
    script = client.get("/admin/jsi18n/").text
    assert r"\u5df2\u9009%(sel)s\u9879" in script or "已选%(sel)s项（共%(cnt)s项）" in script
    page = " ".join(client.get("/admin/commitments/commitment/").text.split())
    assert "承诺共1项" in page


def test_lists_count_in_english_too(administrator, people, signed_in, duty):
    client = signed_in(administrator)
    assert "4 users" in " ".join(client.get(PEOPLE).text.split())
    page = " ".join(client.get("/admin/commitments/commitment/").text.split())
    assert "1 commitment" in page
    assert "0 of 1 selected" in page
