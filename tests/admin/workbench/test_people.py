"""People and offices from a sheet, all or nothing, and the links by which people set passwords."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from commitments import accounts
from commitments.access import policies
from commitments.accounts.sheet import save_staffing
from commitments.accounts.words import request_words
from commitments.choices import Role
from commitments.curation import history
from commitments.exceptions import NotPermitted
from commitments.ledger import Subject
from commitments.models import AccountRequest, Mail, MailPreference, Office
from commitments.roles import roles_of
from tests.admin.workbench.planning import REFUSED_REASONS
from tests.factories import OfficeFactory, PlanFactory, UserFactory
from tests.steps import NOW, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

ADDRESS = "/admin/people/"
REASON = "The council set them up."
HEADER = "username,last_name,first_name,email,roles,offices,office_name_en,office_name_zh\n"
SHEET = HEADER + (
    "officer,One,Officer,one@example.org,reporter,CYB,Cyber office,网络处\n"
    "second,Two,Officer,,reporter;reviewer,CYB,,\n"
    ",,,,,TRADE,Trade office,\n"
    "reporter,,,,,CYB,,\n"
)


@pytest.fixture
def desk(administrator, signed_in):
    return signed_in(administrator)


def check(desk, sheet):
    file = SimpleUploadedFile("people.csv", sheet.encode())
    return desk.post(ADDRESS, {"check": "1", "sheet": file})


def load(desk, sheet, reason=REASON):
    shown = check(desk, sheet).context
    sent = {name: shown[name] for name in ("staged", "shown")}
    return desk.post(ADDRESS, sent | {"load": "1", "reason": reason})


@pytest.mark.parametrize(
    ("languages", "columns"),
    [
        ([], "office_name_en, office_name_zh-Hans"),
        (["en", "zh"], "office_name_en, office_name_zh"),
        (["es"], "office_name_es, office_name_en, office_name_zh-Hans"),
    ],
)
def test_the_form_names_a_column_of_names_for_each_language_and_none_twice(
    desk, languages, columns
):
    if languages:
        PlanFactory(languages=languages)
    assert f"names ({columns})" in desk.get(ADDRESS).text
    page = desk.get("/admin/commitments/office/add/").text
    fields = re.findall(r'name="(name_[\w-]+)"', page)
    # The form begins with the reader's language.
    assert {f"office_{name}" for name in fields} == {*columns.split(", ")}
    assert len(fields) == len({*fields})


def test_a_sheet_shows_first_what_it_would_set_up(desk, reporter):
    page = check(desk, SHEET)
    text = " ".join(re.sub("<[^>]+>", " ", page.text).split())
    for words in (
        "New offices CYB · Cyber office / 网络处 TRADE · Trade office",
        "New accounts officer · Officer One · Reporter second · Officer Two · Reporter, Reviewer",
        "New members of offices CYB · officer CYB · second CYB · reporter",
    ):
        assert words in text, text
    assert not Office.objects.exists()
    assert not User.objects.filter(username="officer").exists()


def test_people_and_offices_are_set_up_at_once(desk, reporter, administrator):
    page = load(desk, SHEET)
    assert "Accounts created: 2. Offices added: 2. Memberships: 3." in " ".join(page.text.split())
    second = User.objects.get(username="second")
    assert {role.value for role in roles_of(second)} == {"reporter", "reviewer"}
    assert (second.get_full_name(), second.has_usable_password()) == ("Officer Two", False)
    office = Office.objects.get(code="CYB")
    assert office.name == en_zh("Cyber office", "网络处")
    members = {member.username for member in office.members.all()}
    assert members == {"officer", "second", "reporter"}
    [entry] = history.entries_of(Subject("office", "CYB"), ["en"])
    assert (entry.reason, entry.decision.actor) == (REASON, administrator)


@pytest.mark.long
def test_each_new_person_sets_a_password_by_a_link_that_works_once(desk, client, reporter):
    page = load(desk, SHEET)
    first, second = re.findall(r"<code>http://testserver(/admin/password/[^<]+)</code>", page.text)
    form = client.get(first, follow=True)
    words = {"new_password1": "a-long-phrase-7", "new_password2": "a-long-phrase-7"}
    assert "Set your password" in form.text
    answer = client.post(form.redirect_chain[-1][0], words, follow=True)
    assert answer.status_code == 200
    assert User.objects.get(username="officer").check_password("a-long-phrase-7")
    assert "This link has been used" in client.get(first, follow=True).text
    assert "Set your password" in client.get(second, follow=True).text


def test_an_account_does_not_review_the_work_of_whoever_made_it(desk, administrator, duty):
    load(desk, SHEET)
    update = submitted(duty, administrator)
    assert not policies.may_review(User.objects.get(username="second"), update)


def test_a_link_for_somebody_is_logged_as_a_change_of_their_account(
    desk, administrator, reviewer, duty
):
    update = submitted(duty, administrator)
    assert policies.may_review(User.objects.get(pk=reviewer.pk), update)
    sent = {"action": "give_links", "_selected_action": [reviewer.pk]}
    page = desk.post("/admin/auth/user/", sent)
    assert "/admin/password/" in page.text
    assert not policies.may_review(User.objects.get(pk=reviewer.pk), update)


@pytest.mark.parametrize(
    ("line", "place", "sentence"),
    [
        ("new,,,,boss,,,", "row 2, roles", "There is no role “boss”: reporter, reviewer, curator"),
        ("new,,,,,NONE,,", "row 2, offices", "There is no office NONE"),
        ("new,,,,,A;B,The office,", "row 2, offices", "There is no office A"),
        ("new,,,,,OLD,,", "row 2, offices", "Office OLD is closed."),
        ("new,,,,,low,The office,", "row 2, offices", "Use only capital letters"),
        (
            "new,,,,,The desk,,",
            "row 2, offices",
            "Several offices have the name The desk; give the code of one: AB, CD.",
        ),
        ("a b,,,,,,,", "row 2, username", "Enter a valid username"),
        ("new,,,no address,,,,", "row 2, email", "Enter a valid email address."),
        ("new,,,,,,,\nnew,,,,,,,", "row 3, username", "This user name is in an earlier row"),
        ("new,,,,,ＯＬＤ,,", "row 2, offices", "Office ＯＬＤ is closed."),
        (",One,,,,,,", "row 2, username", "Enter a user name or an office."),
        ("REPORTER,,,,,,,", "row 2, username", "The name of the account reporter differs only"),
        ("new,,,,,,,\nNew,,,,,,,", "row 3, username", "The name of the account new differs only"),
        ("new,,,reporter@EXAMPLE.ORG,,,,", "row 2, email", "The account reporter has this address"),
        (
            "new,,,a@example.org,,,,\nother,,,a@example.org,,,,",
            "row 3, email",
            "The account new has this address already",
        ),
        (",One,,,,OLD,,", "row 2, username", "Enter the user name of the person."),
        (",,,,reporter,OLD,,", "row 2, username", "Enter the user name of the person."),
    ],
)
def test_every_mistake_is_named_by_row_and_column(desk, reporter, line, place, sentence):
    OfficeFactory(code="OLD", closed_on=NOW.date())
    for code in ("AB", "CD"):
        OfficeFactory(code=code, name=en_zh("The desk"))
    User.objects.filter(pk=reporter.pk).update(email="reporter@example.org")
    page = check(desk, HEADER + line + "\n")
    text = " ".join(re.sub("<[^>]+>", " ", page.text).split())
    assert f"{place} · {sentence}" in text, text
    assert not page.context["planned"].offices or sentence.startswith("Use only")
    shown = {name: page.context[name] for name in ("staged", "shown")}
    desk.post(ADDRESS, shown | {"load": "1", "reason": REASON})
    assert not User.objects.filter(username="new").exists()


@pytest.mark.parametrize("reason", [" ", "\u3164"])
def test_new_offices_need_a_reason(desk, reason):
    page = load(desk, SHEET, reason=reason)
    assert "Give a reason." in page.text
    assert not User.objects.filter(username="officer").exists()
    assert not Office.objects.exists()


@pytest.mark.parametrize(("reason", "sentence"), REFUSED_REASONS)
def test_new_offices_are_not_made_for_a_reason_that_cannot_be_published(desk, reason, sentence):
    page = load(desk, SHEET, reason=reason)
    assert page.context["reason_problem"].startswith(sentence)
    assert page.context["reason"] == reason
    assert not User.objects.filter(username="officer").exists()
    assert not Office.objects.exists()


def test_while_the_clock_is_wrong_nobody_is_set_up_and_the_page_says_why(desk, noon):
    load(desk, SHEET)
    noon.shift(-timedelta(days=1))
    page = load(desk, HEADER + "another,,,,,,,\n")
    assert "The clock says" in page.text
    assert not User.objects.filter(username="another").exists()


WITH_LANGUAGE = "username,email,roles,language\n"


@pytest.mark.parametrize(
    ("cell", "language", "label"),
    [
        ("zh-Hans", "zh-hans", "Simplified Chinese"),
        ("zh-hans", "zh-hans", "Simplified Chinese"),
        ("zh", "zh-hans", "Simplified Chinese"),
        (" zh_CN ", "zh-hans", "Simplified Chinese"),
        ("en-GB", "en", "English"),
    ],
)
def test_a_sheet_says_in_which_language_messages_to_a_person_are(
    cell, language, label, desk, sends_mail
):
    sheet = f"{WITH_LANGUAGE}new,new@example.org,reporter,{cell}\n"
    page = " ".join(re.sub("<[^>]+>", " ", check(desk, sheet).text).split())
    assert f"new · Reporter · {label}" in page
    load(desk, sheet)
    person = User.objects.get(username="new")
    assert person.mail_preference.language == language
    assert Mail.objects.get(kind="invitation", person=person).language == language


def test_the_language_of_a_sheet_stays_when_the_person_first_signs_in(desk, client, sends_mail):
    """Without one, it is that in which they sign in."""
    sheet = f"{WITH_LANGUAGE}told,a@example.org,reporter,zh-Hans\nother,b@example.org,reporter,\n"
    load(desk, sheet)
    User.objects.filter(username__in=("told", "other")).update(password=make_password("a-phrase"))
    for name, language in (("told", "zh-hans"), ("other", "en")):
        assert User.objects.get(username=name).last_login is None
        sent = {"username": name, "password": "a-phrase"}
        client.post("/admin/login/", sent, headers={"accept-language": "en"})
        person = User.objects.get(username=name)
        assert person.last_login is not None
        assert person.mail_preference.language == language


@pytest.mark.parametrize("cell", ["de", "Chinese (simplified)", "-"])
def test_a_language_in_which_no_messages_are_written_is_refused_with_what_is_allowed(cell, desk):
    page = check(desk, f"{WITH_LANGUAGE}new,new@example.org,reporter,{cell}\n")
    text = " ".join(re.sub("<[^>]+>", " ", page.text).split())
    sentence = f"Messages are not written in “{cell}”, but in: en, zh-Hans."
    assert f"row 2, language · {sentence}" in text
    shown = {name: page.context[name] for name in ("staged", "shown")}
    desk.post(ADDRESS, shown | {"load": "1", "reason": REASON})
    assert not User.objects.filter(username="new").exists()


def test_the_form_names_the_languages_of_messages(desk):
    assert "(en, zh-Hans)" in desk.get(ADDRESS).text


def test_a_second_administrator_sees_and_confirms_the_language(
    desk, second_administrator, signed_in, sends_mail
):
    load(desk, f"{WITH_LANGUAGE}new,new@example.org,reporter,zh-Hans\n")
    request = AccountRequest.objects.get()
    assert request.account is None
    assert "Language of messages: Simplified Chinese" in request_words(request)
    accounts.confirm_change(request, by=second_administrator, at=NOW)
    preference = User.objects.get(username="new").mail_preference
    assert (preference.language, preference.language_chosen) == ("zh-hans", True)


def test_the_language_of_an_existing_account_is_left_and_said(desk, reporter):
    MailPreference.objects.create(user=reporter, language="en")
    page = " ".join(check(desk, f"{WITH_LANGUAGE}reporter,,,zh-Hans\n").text.split())
    sentence = "The account exists and keeps what it has (English)."
    assert f"<strong>row 2, language</strong> · {sentence}" in page
    assert "Nothing to change" in check(desk, f"{WITH_LANGUAGE}reporter,,,en\n").text


def test_an_existing_account_stays_as_it_is(desk, reporter):
    OfficeFactory(code="CYB", name=en_zh("Cyber office", "网络处"))
    load(desk, HEADER + "reporter,Other,Name,,curator,网络处,,\n")
    person = User.objects.get(pk=reporter.pk)
    assert (person.last_name, {role.value for role in roles_of(person)}) == ("", {"reporter"})
    assert [office.code for office in person.offices.all()] == ["CYB"]
    page = check(desk, HEADER + "reporter,,,,reporter,CYB,,\n")
    assert "Nothing to change: all values are as on record." in page.text


@pytest.mark.parametrize(
    ("line", "column", "kept"),
    [
        ("reporter,Other,,,,CYB,,", "last_name", "–"),
        ("reporter,,,new@example.org,,CYB,,", "email", "old@example.org"),
        ("reporter,,,,curator,CYB,,", "roles", "Reporter"),
        ("reporter,,,,reporter;curator,CYB,,", "roles", "Reporter"),
        ("both,,,,reporter,CYB,,", "roles", "Reporter, Reviewer"),
    ],
)
def test_a_sheet_says_what_it_leaves_of_an_existing_account(desk, reporter, line, column, kept):
    User.objects.filter(pk=reporter.pk).update(email="old@example.org")
    UserFactory(username="both", roles=[Role.REPORTER, Role.REVIEWER])
    OfficeFactory(code="CYB").members.set(User.objects.filter(username__in=["reporter", "both"]))
    page = " ".join(check(desk, HEADER + line + "\n").text.split())
    sentence = f"The account exists and keeps what it has ({kept})."
    assert f"<strong>row 2, {column}</strong> · {sentence}" in page
    assert "Nothing would change." in page
    assert "as on record" not in page


@pytest.mark.parametrize("persona", ["reporter", "reviewer", "curator"])
def test_only_administrators_set_up_people(persona, request, signed_in):
    user = request.getfixturevalue(persona)
    assert signed_in(user).get(ADDRESS).status_code == 404
    assert check(signed_in(user), SHEET).status_code == 404
    with pytest.raises(NotPermitted):
        save_staffing([], by=user, at=NOW, reason=REASON)


def test_what_is_no_such_sheet_is_refused(desk):
    page = desk.post(ADDRESS, {"check": "1", "pasted": "a\tb\n1\t2\n"}, follow=True)
    assert "The sheet has none of these columns: username, offices." in page.text
    page = desk.post(ADDRESS, {"check": "1", "pasted": "username\tshoe size\nnew\t43\n"})
    assert "Columns that are not read:" in page.text


def test_the_list_of_people_leads_to_the_sheet(desk):
    assert f'href="{ADDRESS}"' in desk.get("/admin/auth/user/").text
