"""The admin's own pages: grouped, plainly titled, in the reader's language."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import User

from commitments.access import policies
from commitments.admin.records.record_index import GROUPS
from commitments.choices import Role
from commitments.models import Decision, Forum
from tests.factories import ForumFactory, MeetingFactory, OfficeFactory, UserFactory
from tests.steps import NOW, draft, published, record_loaded, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

COMMITMENTS = "/admin/commitments"
HAN = re.compile("[一-鿿]")


def heading(page):
    return re.search("<h1>(.*?)</h1>", page)[1]


def filter_of(page, title):
    """Return the part of a page with a filter, from its `<details>`."""
    return re.search(f'<details data-filter-title="{title}".*?</details>', page)[0]


# All records


def test_every_model_of_the_admin_is_in_one_group():
    grouped = [row for _name, rows in GROUPS for row in rows]
    assert sorted(grouped, key=str) == sorted(admin.site._registry, key=str)


def test_all_records_are_shown_in_groups_without_those_of_others(read, administrator, curator):
    page = read(curator, "/admin/records/")
    headings = re.findall("<h2>(.*?)</h2>", page)
    # The site is the administrators' alone.
    assert headings == [str(name) for name, _rows in GROUPS[:-1]]
    assert '"/admin/auth/user/"' not in page
    assert '"/admin/auth/user/"' in read(administrator, "/admin/records/")


def test_an_app_of_django_leads_to_all_records(signed_in, curator):
    answer = signed_in(curator).get("/admin/commitments/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/records/")


def test_a_plan_names_its_languages_to_the_reader(read, curator, plan):
    plan.languages = ["zh", "en"]
    plan.save()
    assert "Chinese, English" in read(curator, f"{COMMITMENTS}/plan/{plan.pk}/change/")


# Titles and the way back


def test_a_form_that_is_refused_is_still_titled_by_the_stored_name(signed_in, curator):
    office = OfficeFactory(code="CYB", name=en_zh("Cyber office", "网络事务处"))
    address = f"{COMMITMENTS}/office/{office.pk}/change/"
    page = " ".join(signed_in(curator).post(address, {"name_en": "Unsaved"}).text.split())
    assert 'value="Unsaved"' in page
    assert "Cyber office" in heading(page)
    assert "Unsaved" not in page.partition('class="breadcrumbs"')[2].partition("</div>")[0]


@pytest.mark.parametrize(
    ("language", "of_list", "of_new"), [("en", "Offices", "Add office"), ("zh", "部门", "新增部门")]
)
def test_a_page_is_titled_by_what_it_shows(read, curator, language, of_list, of_new):
    office = OfficeFactory(code="CYB", name=en_zh("Cyber office", "网络处"))
    assert heading(read(curator, f"{COMMITMENTS}/office/", language)) == of_list
    assert heading(read(curator, f"{COMMITMENTS}/office/add/", language)) == of_new
    page = read(curator, f"{COMMITMENTS}/office/{office.pk}/change/", language)
    assert heading(page).startswith("CYB ")
    assert f'<a href="{COMMITMENTS}/office/">{of_list}</a>' in page


@pytest.mark.parametrize("page", ["history", "delete"])
def test_the_pages_about_a_record_lead_back_to_it(read, curator, page):
    forum = ForumFactory(code="ITU")
    shown = read(curator, f"{COMMITMENTS}/forum/{forum.pk}/{page}/")
    assert f'<a href="{COMMITMENTS}/forum/{forum.pk}/change/">ITU ' in shown


# What Django says in English only


def test_the_search_field_and_marks_are_named_in_the_readers_language(read, curator, council):
    MeetingFactory(forum=council, public=True)
    for language, search, yes in (("en", "Search", "Yes"), ("zh", "检索", "是")):
        page = read(curator, f"{COMMITMENTS}/meeting/", language)
        assert f'img/search.svg" alt="{search}">' in page
        assert f'img/icon-yes.svg" alt="{yes}">' in page


# Words


@pytest.mark.long
@pytest.mark.usefixtures("duty")
def test_every_column_of_every_list_is_named_in_the_language_of_the_reader(
    read, administrator, reporter, duty
):
    submitted(duty, reporter, NOW)
    foreign = []
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        page = read(administrator, address, "zh")
        columns = re.findall('<div class="text">(.*?)</div>', page)
        named = [re.sub("<[^>]+>", "", column).strip() for column in columns]
        foreign += [(address, name) for name in named if name and not HAN.search(name)]
    assert foreign == []


# Lists


def test_updates_are_listed_with_office_and_day_of_their_last_change(read, curator, duty, reporter):
    duty.lead_office = OfficeFactory(code="CYB")
    duty.save()
    duty.lead_office.members.add(reporter)
    submitted(duty, reporter, NOW)
    page = read(curator, f"{COMMITMENTS}/progressupdate/")
    assert '<td data-label="Office" class="field-office">CYB</td>' in page
    assert '<td data-label="Changed" class="field-changed">1 July 2026</td>' in page
    assert ">CYB An office</a>" in filter_of(page, "lead office")


def test_a_long_filter_is_closed_until_it_is_in_use(read, curator, duty):
    ForumFactory.create_batch(20)
    code = Forum.objects.latest("pk").code
    address = f"{COMMITMENTS}/commitment/"
    assert " open>" not in filter_of(read(curator, address), "partner forum")
    assert " open>" in filter_of(read(curator, f"{address}?forum={code}"), "partner forum")
    assert " open>" in filter_of(read(curator, address), "kind")


# Persons


def test_a_new_office_offers_everybody_who_may_sign_in(read, curator, reporter):
    UserFactory(username="gone", is_active=False)
    page = read(curator, "/admin/commitments/office/add/")
    boxes = re.findall('id="id_members_[0-9]+"> (.*?)</label>', page)
    assert {"curator", "reporter"} <= {words.split(" ")[0] for words in boxes}
    assert not any(words.startswith("gone") for words in boxes)


def test_members_of_an_office_are_chosen_among_who_may_sign_in_by_name(read, curator, reporter):
    reporter.first_name, reporter.last_name = "First", "Last"
    reporter.save()
    left, gone = UserFactory(username="left"), UserFactory(username="gone")
    User.objects.filter(pk__in=[left.pk, gone.pk]).update(is_active=False)
    office = OfficeFactory()
    office.members.add(left)
    page = read(curator, f"{COMMITMENTS}/office/{office.pk}/change/")
    boxes = re.findall('id="id_members_[0-9]+"( checked)?> (.*?)</label>', page)
    assert boxes == [(" checked", "left"), ("", "curator"), ("", "First Last (reporter)")]


@pytest.mark.parametrize("has_office", [True, False])
def test_who_may_report_are_those_of_whom_the_rule_says_so(duty, has_office):
    office = OfficeFactory()
    for name, roles in (
        ("inside", [Role.REPORTER, Role.REVIEWER]),
        ("outside", [Role.REPORTER]),
        ("reader", [Role.REVIEWER]),
        ("gone", [Role.REPORTER]),
    ):
        UserFactory(username=name, roles=roles)
    User.objects.filter(username="gone").update(is_active=False)
    User.objects.create_superuser("root", password=None)
    office.members.set(User.objects.filter(username__in=["inside", "reader", "gone"]))
    if has_office:
        duty.supporting_offices.add(office)
    may = [row for row in User.objects.order_by("username") if policies.may_report(row, duty)]
    assert list(policies.who_may_report(duty)) == may
    assert {row.username for row in may} == {"inside"} | (
        set() if has_office else {"outside", "root"}
    )


def test_an_update_of_somebody_who_left_is_handed_to_those_who_may_report(
    read, curator, duty, reporter
):
    update = draft(duty, reporter)
    reporter.is_active = False
    reporter.save()
    UserFactory(username="second", roles=[Role.REPORTER])
    page = read(curator, f"/admin/updates/{update.pk}/reassign/")
    assert re.findall(r"<option [^>]*>(.*?)</option>", page) == ["---------", "second"]


# The ledger


def test_the_details_of_a_decision_are_shown_as_far_as_a_person_reads(read, curator, duty):
    record_loaded(duty.plan)
    decision = Decision.objects.latest("seq")
    page = read(curator, f"{COMMITMENTS}/decision/{decision.pk}/change/")
    assert "&quot;subjects&quot;" in page
    assert "more characters" not in page
    decision.meta = {"subjects": {f"PLAN-{number}": "0" * 64 for number in range(1000)}}
    shown = admin.site.get_model_admin(Decision).details(decision)
    assert re.search("[0-9]{5} more characters, which the API gives.", shown)
    assert len(shown) < 30_000


def test_the_ledger_names_people_without_links_to_pages_that_readers_may_not_open(
    signed_in, duty, reporter, reviewer
):
    published(duty, reporter, reviewer)
    decision = Decision.objects.latest("seq")
    page = signed_in(reporter).get(f"/admin/commitments/decision/{decision.pk}/change/").text
    assert "reviewer" in page
    assert "/admin/auth/user/" not in page


def test_djangos_own_sentences_are_in_the_words_of_this_interface(reporter, read):
    page = read(reporter, "/admin/password_change/", "zh")
    assert "原密码" in page
    assert "跳至正文" in page
    assert "你" not in page
