"""What mails say, to whom, in which language, and what they do not say any more."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail as django_mail

from commitments import accounts
from commitments.choices import Action, Role
from commitments.models import Mail, MailPreference
from commitments.notify import MAIL_RULES, MailServerAway
from tests.factories import UserFactory
from tests.steps import NOW, perform, published, returned, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

LATER = NOW + timedelta(minutes=1)
SITE = "https://tracker.example.org"
LINK = re.compile(rf"{SITE}\S*")


@pytest.fixture
def people(reporter, reviewer, with_addresses):
    with_addresses(reporter, reviewer)
    return reporter, reviewer


def prefers(person, **columns):
    MailPreference.objects.create(user=person, **{"language": "en", **columns})


def links(mail):
    return LINK.findall(mail.body)


# Notices


def test_a_return_comes_with_the_reason_and_the_update(duty, people, sent):
    update = returned(duty, *people)
    [mail] = sent(LATER)
    assert (
        mail.subject == "Returned to you: PLAN-1.1 Take part in the forum, 1 July 2026, Took part"
    )
    assert mail.body == (
        "Your update was returned to you:\n"
        "PLAN-1.1 Take part in the forum, 1 July 2026, Took part\n"
        f"{SITE}/admin/updates/{update.pk}/\n"
        "\n"
        "Reason: Name the meeting.\n"
        "\n"
        "--\n"
        f"Commitment tracker · {SITE}/\n"
        f"Stop these messages: {links(mail)[-1]}\n"
    )


def test_two_updates_on_one_commitment_differ(duty, people, sent):
    published(duty, *people, event_type="statement")
    event = published(duty, *people, status="active", effective_on=date(2026, 6, 1))
    only = {"event_type": None, "evidence": [], "rests_on": [event.pk]}
    published(duty, *people, status="active", **only)
    facts = [mail.subject.partition("forum, ")[2] for mail in sent(LATER)]
    assert facts == [
        "1 July 2026, Said",
        "1 June 2026, Took part, Active",
        "1 July 2026, Active",
    ]


def test_a_publication_leads_to_the_public_page(duty, people, sent):
    update = published(duty, *people)
    [mail] = sent(LATER)
    assert links(mail)[0] == f"{SITE}/en/PLAN/commitments/1.1/#update-{update.pk}"


def test_a_mail_is_in_the_language_of_its_reader(duty, people, sent):
    prefers(people[0], language="zh-hans")
    published(duty, *people)
    [mail] = sent(LATER)
    assert "参与论坛" in mail.subject
    assert links(mail)[0].startswith(f"{SITE}/zh-hans/PLAN/")


def test_whoever_wants_no_notices_gets_none(duty, people, sent):
    prefers(people[0], notices=False)
    published(duty, *people)
    assert sent(LATER) == []
    assert Mail.objects.get().state == "dropped"


@pytest.mark.parametrize("lost", ["role", "account", "address"])
def test_whoever_may_no_longer_see_an_update_hears_nothing_of_it(duty, people, sent, lost):
    returned(duty, *people)
    rows = User.objects.filter(pk=people[0].pk)
    match lost:
        case "role":
            people[0].groups.clear()
        case "account":
            rows.update(is_active=False)
        case "address":
            rows.update(email="")
    assert sent(LATER) == []
    assert Mail.objects.get().state == "dropped"


def test_what_was_settled_meanwhile_is_not_told(duty, people, sent):
    again = returned(duty, *people)
    perform(again, Action.SUBMIT, people[0])
    gone = published(duty, *people)
    perform(gone, Action.RETRACT, people[1], note="Wrong.")
    assert [mail.subject.partition(":")[0] for mail in sent(LATER)] == ["Withdrawn"]


def test_a_line_break_in_a_title_forges_no_header(duty, people, sent):
    duty.title = {"en": "Take part\nBcc: somebody@example.org"}
    type(duty).objects.filter(pk=duty.pk).update(title=duty.title)
    published(duty, *people)
    [mail] = sent(LATER)
    lines = mail.message().as_string().partition("\n\n")[0].splitlines()
    # A long line is folded: what follows begins with a blank, and is no header.
    assert [line for line in lines if line.startswith("Bcc")] == []
    assert mail.recipients() == ["reporter@example.org"]


# Invitations


NEW = {"username": "new", "is_active": True, "is_superuser": False, "roles": ["reviewer"]}


def invite(administrator, **changes):
    given = {**NEW, "email": "new@example.org", **changes}
    return accounts.request_change(None, given, by=administrator, at=NOW)


def test_a_new_account_is_invited_and_sets_its_password_once(administrator, sent, client):
    invite(administrator)
    [mail] = sent(LATER)
    assert mail.to == ["new@example.org"]
    assert "Your user name: new" in mail.body
    path = links(mail)[0].removeprefix(SITE)
    page = client.get(path, follow=True)
    form = {"new_password1": "a long new word", "new_password2": "a long new word"}
    assert client.post(page.redirect_chain[-1][0], form).status_code == 302
    assert User.objects.get(username="new").check_password("a long new word")
    client.logout()
    assert "has been used or has expired" in client.get(path, follow=True).text


def test_an_account_that_waits_for_a_second_administrator_is_invited_once_it_is_confirmed(
    administrator, second_administrator, sent
):
    request = invite(administrator)
    assert sent(LATER) == []
    accounts.confirm_change(request, by=second_administrator, at=NOW)
    assert [mail.to for mail in sent(LATER)] == [["new@example.org"]]


@pytest.mark.parametrize("changes", [{"email": ""}, {"is_active": False}, {"roles": []}])
def test_nobody_is_invited_who_could_not_come(administrator, sent, changes):
    invite(administrator, **changes)
    assert sent(LATER) == []


def test_a_link_is_in_no_table(administrator, sent):
    invite(administrator)
    [mail] = sent(LATER)
    token = links(mail)[0].rstrip("/").rpartition("/")[2]
    assert token not in str(list(Mail.objects.values()))


def test_whoever_signs_in_elsewhere_is_sent_there_and_gets_no_link(administrator, sent, settings):
    settings.OIDC_ISSUER = "https://sign-in.example.org"
    invite(administrator)
    [mail] = sent(LATER)
    assert links(mail)[0] == f"{SITE}/admin/login/"
    assert "/password/" not in mail.body


# A forgotten password

FORGOTTEN = "/admin/password/"


@pytest.fixture
def asks(client, time_machine, sends_mail):
    """`asks(email)` fills in the form at the time of the steps."""
    time_machine.move_to(NOW, tick=False)
    return lambda email, **options: client.post(FORGOTTEN, {"email": email}, **options)


@pytest.fixture
def known(reporter):
    reporter.set_password("the former one")
    reporter.email = "reporter@example.org"
    reporter.save()
    return reporter


def test_a_link_comes_by_mail_and_works_once(known, asks, sent, client):
    asks("reporter@example.org")
    [mail] = sent(LATER)
    assert mail.to == ["reporter@example.org"]
    assert "For the user name reporter:" in mail.body
    assert len(links(mail)) == 2


def test_page_and_work_are_the_same_whoever_has_the_address(
    known, asks, django_assert_num_queries, sent
):
    pages = []
    for email in ("reporter@example.org", "nobody@example.org"):
        with django_assert_num_queries(1):
            pages.append(re.sub('value="[A-Za-z0-9]{64}"', "", asks(email).text))
    assert pages[0] == pages[1]
    assert [mail.to for mail in sent(LATER)] == [["reporter@example.org"]]


@pytest.mark.parametrize("who", ["visitor", "former"])
def test_whoever_could_not_sign_in_gets_no_link(who, asks, sent):
    email = f"{who}@example.org"
    UserFactory(username=who, email=email, is_active=who != "former")
    if who == "former":
        User.objects.get(username=who).groups.add(Group.objects.get(name=Role.REPORTER.group))
    asks(email)
    assert sent(LATER) == []
    assert Mail.objects.get().address == ""


def test_an_account_that_signs_in_elsewhere_gets_no_link(known, asks, sent, settings):
    settings.OIDC_ISSUER = "https://sign-in.example.org"
    known.set_unusable_password()
    known.save()
    asks("reporter@example.org")
    assert sent(LATER) == []


def test_an_address_gets_one_link_in_ten_minutes(known, asks, sent, time_machine):
    for minute in range(20):
        time_machine.move_to(NOW + timedelta(minutes=minute), tick=False)
        asks("Reporter@example.org")
    assert len(sent(NOW + timedelta(minutes=20))) == 2


def test_a_network_asks_for_twenty_mails_in_an_hour(asks):
    answers = [asks(f"person{n}@example.org").text for n in range(21)]
    assert ["Too many requests" in text for text in answers] == [False] * 20 + [True]
    assert Mail.objects.count() == 20


def test_a_link_that_could_not_be_sent_for_a_day_is_not_sent(known, asks, sent):
    asks("reporter@example.org")
    assert sent(NOW + timedelta(days=1, minutes=1)) == []
    assert Mail.objects.get().address == ""


def test_an_address_is_not_kept_while_a_server_is_away(known, asks, sent, settings):
    settings.EMAIL_BACKEND = "tests.notify.test_outbox.Away"
    asks("reporter@example.org")
    with pytest.raises(MailServerAway):
        sent(NOW + timedelta(hours=23))
    assert Mail.objects.get().address == "reporter@example.org"
    sent(NOW + timedelta(days=1, minutes=1))
    assert Mail.objects.get().address == ""


def test_a_site_without_mail_has_no_such_page(client, db):
    assert client.get(FORGOTTEN).status_code == 404
    assert "Forgotten password" not in client.get("/admin/login/").text


def test_the_page_is_led_to_where_one_signs_in(client, db, sends_mail):
    assert f'href="{FORGOTTEN}"' in client.get("/admin/login/").text


def test_no_mail_has_markup(duty, people, sent):
    published(duty, *people)
    [mail] = sent(LATER)
    assert type(mail) is django_mail.EmailMessage
    assert mail.content_subtype == "plain"


# Preferences

MAIL = "/admin/mail/"


def test_a_person_chooses_which_mails_they_want(reporter, signed_in, sends_mail):
    client = signed_in(reporter)
    client.post(MAIL, {"language": "zh-hans", "digest": "daily"})
    preference = MailPreference.objects.get()
    assert (preference.user, preference.language, preference.digest, preference.notices) == (
        reporter,
        "zh-hans",
        "daily",
        False,
    )
    client.post(MAIL, {"language": "en", "digest": "never", "notices": "on"})
    assert MailPreference.objects.get().digest == "never"


def test_the_defaults_are_a_weekly_digest_and_notices(reporter, signed_in):
    page = signed_in(reporter).get(MAIL).text
    assert '<option value="weekly" selected>' in page
    assert 'name="notices" id="id_notices" checked' in page
    assert "This site sends no mail." in page


def test_a_mail_program_stops_the_mails_of_a_person_with_one_request(
    duty, people, sent, client, signed_in
):
    published(duty, *people)
    [mail] = sent(LATER)
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail.extra_headers["List-Unsubscribe"].strip("<>").removeprefix(SITE)
    assert "This ends the digests" in client.get(address).text
    assert not MailPreference.objects.exists()
    client.post(address, {"List-Unsubscribe": "One-Click"})
    preference = MailPreference.objects.get()
    assert (preference.user, preference.digest, preference.notices) == (people[0], "never", False)


def test_the_page_names_everything_that_it_stops(people, client, sent, duty):
    returned(duty, *people)
    [mail] = sent(LATER)
    address = links(mail)[-1]
    page = " ".join(client.get(address.removeprefix(SITE)).text.split())
    # The kinds of mail that a person can do without.
    assert {kind for kind, rule in MAIL_RULES.items() if rule.wanted} == {
        "digest",
        "returned",
        "published",
        "corrected",
        "withdrawn",
        "call_made",
        "call_ahead",
        "call_over",
        "call_withdrawn",
        "meeting_ahead",
        "meeting_changed",
        "meeting_over",
        "webhook_stopped",
    }
    assert (
        "This ends the digests of your desk; the notices about your updates and about stopped "
        "webhooks; calls for reports with their reminders; and reminders of meetings. Invitations, "
        "links to set a password and notices of a new password still come."
    ) in page


def test_nobody_stops_the_mails_of_another(people, client, sends_mail):
    assert client.post(f"/admin/mail/stop/{people[0].pk}:x/").status_code == 404


def test_nothing_waits_for_review_in_a_notice(duty, people, sent):
    submitted(duty, people[0])
    assert sent(LATER) == []
