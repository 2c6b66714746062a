"""The sign-in page belongs to the site, says what went wrong, and leads on where one was going."""

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone, translation

from commitments import accounts
from commitments.choices import Role
from commitments.models import MailPreference

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

SIGN_IN = "/admin/login/?next=/admin/auth/user/"


def sign_in(client, name, password):
    answer = client.post(SIGN_IN, {"username": name, "password": password, "next": "/admin/"})
    return answer, " ".join(answer.text.split())


@pytest.fixture
def officer():
    """Somebody with a password and a role, and nothing else."""
    user = User.objects.create_user("officer", password="a-long-phrase-7")
    user.groups.add(Group.objects.get(name=Role.REPORTER.group))
    return user


def test_it_has_the_frame_of_the_site_and_the_place_to_go_on_to(flat):
    page = flat(SIGN_IN)
    assert "commitments/site.css" in page
    assert '<form class="find"' in page
    assert '<input type="hidden" name="next" value="/admin/auth/user/">' in page
    assert 'autocomplete="current-password"' in page


def test_who_signs_in_goes_on(client, officer):
    answer, _page = sign_in(client, "officer", "a-long-phrase-7")
    assert (answer.status_code, answer.url) == (302, "/admin/")


def test_until_then_they_are_in_the_language_of_whoever_invited_them(client, administrator):
    new = {"username": "new", "email": "new@example.org", "is_active": True, "roles": ["reporter"]}
    with translation.override("zh-hans"):
        accounts.request_change(None, new, by=administrator, at=timezone.now())
    person = User.objects.get(username="new")
    assert person.mail_preference.language == "zh-hans"
    person.set_password("a long password of theirs")
    person.save()
    client.cookies["django_language"] = "en"
    client.post(SIGN_IN, {"username": "new", "password": "a long password of theirs"})
    person.mail_preference.refresh_from_db()
    assert person.mail_preference.language == "en"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_mails_are_in_the_language_in_which_somebody_first_signed_in(client, officer, language):
    client.cookies["django_language"] = language
    sign_in(client, "officer", "a-long-phrase-7")
    assert officer.mail_preference.language == language
    client.cookies["django_language"] = "en"
    sign_in(client, "officer", "a-long-phrase-7")
    assert MailPreference.objects.get().language == language


def test_a_role_is_all_that_it_takes(client, officer):
    officer.groups.clear()
    officer.is_staff = True
    officer.save()
    assert sign_in(client, "officer", "a-long-phrase-7")[0].status_code == 200
    officer.groups.add(Group.objects.get(name=Role.CURATOR.group))
    officer.is_staff = False
    officer.save()
    assert sign_in(client, "officer", "a-long-phrase-7")[0].status_code == 302
    assert client.get("/admin/").status_code == 200


def test_who_is_deactivated_signs_in_no_more(client, officer):
    officer.is_active = False
    officer.save()
    assert sign_in(client, "officer", "a-long-phrase-7")[0].status_code == 200


def test_a_wrong_password_and_a_missing_one_are_said(client, officer):
    assert "The user name or the password is wrong" in sign_in(client, "officer", "x")[1]
    assert "<title>Error: Sign in" in sign_in(client, "officer", "x")[1]
    assert "<li>Password: This field is required.</li>" in sign_in(client, "officer", "")[1]


def test_who_may_not_open_the_admin_is_told_so(client):
    outsider = User.objects.create_user("outsider", password="a-long-phrase-7")
    client.force_login(outsider)
    page = " ".join(client.get(SIGN_IN).text.split())
    assert "You are signed in as outsider, who may not open this page." in page


def test_its_language_can_be_switched(client, officer):
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": SIGN_IN})
    page = client.get(SIGN_IN).text
    assert "<h1>登录</h1>" in page
    assert '<html lang="zh-Hans"' in page
    assert 'name="language" value="en"' in page


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(
    ("language", "words"), [("en", "Too many failed sign-in attempts"), ("zh", "登录失败次数过多")]
)
def test_a_lock_out_has_a_page_that_says_how_long_it_lasts(client, officer, language, words):
    for _time in range(10):
        sign_in(client, "officer", "wrong")
    sent = {"username": "officer", "password": "a-long-phrase-7"}
    answer = client.post(SIGN_IN, sent, headers={"Accept-Language": language})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert f"<h1>{words}</h1>" in answer.text
    assert "commitments/site.css" in answer.text


@pytest.mark.parametrize("query", ["王小明", "Officer One", "one@example"])
def test_a_person_is_found_by_the_full_name(client, administrator, officer, query):
    officer.first_name, officer.last_name = (
        ("小明", "王") if query == "王小明" else ("Officer", "One")
    )
    officer.email = "one@example.org"
    officer.save()
    client.force_login(administrator)
    page = client.get("/admin/auth/user/", {"q": query}).text
    assert ">officer</a>" in page
    assert ">administrator</a>" not in page
