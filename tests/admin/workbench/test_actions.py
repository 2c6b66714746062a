"""The page of an update that is only read, and the pages of its actions."""

import pytest

from commitments.choices import Action, State
from commitments.models import Decision, Evidence, LinkCheck
from tests.admin.workbench.forms import page_of
from tests.steps import NOW, REPORT, RESOLUTION, draft, published, submitted
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def action_of(update, action):
    return f"{page_of(update)}{action}/"


@pytest.mark.parametrize(
    ("persona", "expected"),
    [
        ("reporter", ["recall"]),
        ("reviewer", ["return", "publish"]),
        ("curator", []),
        ("administrator", ["return", "publish"]),
    ],
)
def test_a_page_offers_exactly_the_actions_that_its_reader_may_perform(
    persona, expected, request, reporter, signed_in, duty
):
    update = submitted(duty, reporter)
    actions = signed_in(request.getfixturevalue(persona)).get(page_of(update)).context["actions"]
    assert sorted(action.code for action in actions) == sorted(expected)


def test_an_update_is_withdrawn_with_a_public_reason(duty, reporter, reviewer, signed_in):
    update = published(duty, reporter, reviewer)
    client, address = signed_in(reviewer), action_of(update, "retract")
    page = client.get(address).text
    assert "This note is public." in page
    sent = {"expected_revision": update.revision, "note": "The source was withdrawn."}
    assert client.post(address, sent).url == page_of(update)
    update.refresh_from_db()
    assert update.state == State.RETRACTED


@pytest.mark.long
def test_withdrawing_an_event_names_what_rests_on_it(duty, reporter, reviewer, signed_in):
    event = published(duty, reporter, reviewer)
    resting = published(duty, reporter, reviewer, status="active", rests_on=[event.pk])
    sentence = "These published assessments rest on it"
    page = signed_in(reviewer).get(action_of(event, "retract"))
    assert sentence in page.text
    assert page.context["dependents"] == [resting]
    assert sentence not in signed_in(reviewer).get(action_of(resting, "retract")).text


def test_a_draft_is_discarded_and_leads_to_the_desk(duty, reporter, signed_in):
    update = draft(duty, reporter)
    client, address = signed_in(reporter), action_of(update, "discard")
    assert client.post(address, {"expected_revision": update.revision}).status_code == 302
    update.refresh_from_db()
    assert update.state == State.DISCARDED


def test_a_stale_page_performs_nothing(duty, reporter, signed_in):
    update = submitted(duty, reporter)
    sent = {"expected_revision": update.revision - 1}
    answer = signed_in(reporter).post(action_of(update, "recall"), sent, follow=True)
    assert "has changed since you opened it" in answer.text
    assert f'name="expected_revision" value="{update.revision}"' in answer.text
    update.refresh_from_db()
    assert update.state == State.SUBMITTED


def test_an_archived_copy_is_not_the_link_itself(reporter, reviewer, signed_in, duty):
    link = {**REPORT, "citation": "", "url": "https://example.org/report"}
    update = published(duty, reporter, reviewer, evidence=[link])
    sent = {
        "expected_revision": update.revision,
        "evidence": update.evidence.get().pk,
        "archived_url": "https://example.org/report",
    }
    page = signed_in(reviewer).post(action_of(update, "archive"), sent).text
    assert "This is the link itself; enter the address of a copy of it." in page
    assert not Evidence.objects.get().archived_url


@pytest.mark.parametrize("odd", ["²", "٣", "9" * 25, "x"])
def test_an_odd_number_of_an_update_is_not_found(odd, reporter, signed_in):
    client = signed_in(reporter)
    address = f"/admin/commitments/progressupdate/{odd}/change/"
    assert client.get(address).status_code == 404
    assert client.get(f"{address}../../add/?commitment={'9' * 5000}").status_code in (302, 404)


def test_an_action_that_is_reserved_for_others_is_not_performed(duty, reporter, curator, signed_in):
    update = submitted(duty, reporter)
    client, address = signed_in(curator), action_of(update, "recall")
    assert "This is not possible now." in client.get(address).text
    answer = client.post(address, {"expected_revision": update.revision})
    assert "is reserved for its author" in answer.text


@pytest.mark.parametrize("action", ["supersede", "load", "nothing"])
def test_there_is_no_page_for_what_only_follows_from_other_actions(
    action, duty, reporter, signed_in
):
    update = draft(duty, reporter)
    assert signed_in(reporter).get(action_of(update, action)).status_code == 404


def test_an_update_that_is_not_visible_is_not_found(reporter, other_reporter, signed_in, duty):
    update = draft(duty, reporter)
    client = signed_in(other_reporter)
    for address in (page_of(update), action_of(update, "submit"), f"/admin/review/{update.pk}/"):
        assert client.get(address).status_code == 404, address
        assert client.post(address).status_code == 404, address
    assert f"#{update.pk}" not in client.get("/admin/commitments/progressupdate/").text


def test_a_leavers_draft_is_handed_over(reporter, other_reporter, curator, signed_in, duty):
    update = draft(duty, reporter)
    reporter.is_active = False
    reporter.save()
    signed_in(curator).post(
        action_of(update, "reassign"),
        {"expected_revision": update.revision, "to": other_reporter.pk, "note": "Left the office."},
    )
    update.refresh_from_db()
    assert update.author == other_reporter


def test_an_archived_address_is_added_to_a_published_link(
    reporter, reviewer, other_reviewer, signed_in, duty
):
    link = {**REPORT, "citation": "", "url": "https://example.org/report"}
    update = published(duty, reporter, reviewer, evidence=[link])
    archived = "https://archive.example.org/report"
    signed_in(other_reviewer).post(
        action_of(update, "archive"),
        {
            "expected_revision": update.revision,
            "evidence": update.evidence.get().pk,
            "archived_url": archived,
        },
    )
    assert Evidence.objects.get().archived_url == archived
    assert Decision.objects.get(action=Action.ARCHIVE).meta["archived_url"] == archived


@pytest.mark.parametrize(
    ("language", "done", "heading"),
    [("en", "Published.", "Workflow state"), ("zh-CN", "已发布。", "办理状态")],
)
def test_what_was_decided_is_listed_in_the_past_tense(
    language, done, heading, reporter, reviewer, signed_in, duty
):
    update = published(duty, reporter, reviewer)
    in_language = {"headers": {"Accept-Language": language}}
    client = signed_in(reviewer)
    page = client.get(page_of(update), **in_language)
    assert [entry.sentence for entry in page.context["thread"]][1:] == [done]
    assert heading in page.text
    decisions = client.get("/admin/commitments/decision/", **in_language).text
    assert f'class="field-done">{done}</td>' in decisions


@pytest.mark.parametrize(("language", "order"), [("en", ["en", "zh"]), ("zh-CN", ["zh", "en"])])
def test_the_words_of_an_update_are_shown_in_all_languages_the_readers_first(
    language, order, reporter, reviewer, signed_in, duty
):
    title = en_zh("Report", "报告")
    update = published(duty, reporter, reviewer, evidence=[REPORT | {"title": title}])
    page = signed_in(reviewer).get(page_of(update), headers={"Accept-Language": language}).text
    for words in (update.summary, title):
        places = [page.index(f">{words[tag]}<") for tag in order]
        assert places == sorted(places)


def test_people_are_named_without_a_link_to_their_accounts(reporter, reviewer, signed_in, duty):
    reporter.first_name, reporter.last_name = "A.", "Writer"
    reporter.save()
    update = published(duty, reporter, reviewer)
    page = signed_in(reviewer).get(page_of(update)).text
    assert "A. Writer" in page
    assert "/admin/auth/user/" not in page


def test_the_addresses_of_the_admin_lead_to_the_workbench(reporter, signed_in, duty):
    update = draft(duty, reporter)
    client, admin = signed_in(reporter), "/admin/commitments/progressupdate/"
    for address, there in (
        (f"{admin}{update.pk}/change/", page_of(update)),
        (f"{admin}add/", "/admin/log/"),
        (f"{admin}add/?commitment={duty.pk}", "/admin/log/PLAN-1.1/"),
        (f"{admin}add/?commitment=99999999", "/admin/log/"),
        (f"{admin}add/?commitment=²", "/admin/log/"),
    ):
        assert client.get(address).url == there, address


@pytest.mark.parametrize("words", ["PLAN-1.1", "Take part", "meeting", "A. Writer", "Writer"])
def test_updates_are_found_by_code_title_words_and_author(words, reporter, signed_in, duty):
    reporter.first_name, reporter.last_name = "A.", "Writer"
    reporter.save()
    draft(duty, reporter)
    client = signed_in(reporter)
    for query, found in ((words, 1), (f"{words} nothing", 0)):
        page = client.get("/admin/commitments/progressupdate/", {"q": query})
        assert page.context["cl"].result_count == found, query


def test_an_update_is_found_by_its_number(reporter, signed_in, duty):
    client, address = signed_in(reporter), "/admin/commitments/progressupdate/"
    _other, numbered = draft(duty, reporter), draft(duty, reporter)
    naming = draft(duty, reporter, summary=en_zh(f"As said in {numbered.pk}.", "如前所述。"))
    wide = str(numbered.pk).translate({48 + n: 0xFF10 + n for n in range(10)})
    for query in (str(numbered.pk), f" #{numbered.pk} ", f"＃{wide}"):
        found = client.get(address, {"q": query}).context["cl"].queryset
        assert [*found] == [naming, numbered], query
    for query in (f"{numbered.pk}.1", f"#{numbered.pk} nothing", "9" * 40):
        assert client.get(address, {"q": query}).context["cl"].result_count == 0, query


@pytest.mark.parametrize("rows", ["evidence", "linkcheck", "decision"])
def test_what_is_about_a_commitment_is_found_by_its_code(
    rows, reporter, reviewer, signed_in, duty, deliverable
):
    for commitment in (duty, deliverable):
        update = published(commitment, reporter, reviewer, evidence=[RESOLUTION])
        piece = update.evidence.get()
        LinkCheck.objects.create(
            evidence=piece, url=piece.url, status="ok", first_at=NOW, last_at=NOW
        )
    address = f"/admin/commitments/{rows}/"
    found = signed_in(reviewer).get(address, {"q": "PLAN-1.2"}).context["cl"].queryset
    assert found.exists()
    for row in found:
        update = getattr(row, "evidence", row)
        assert getattr(update, "update", update).commitment == deliverable


def test_decisions_are_found_by_who_made_them(reporter, reviewer, signed_in, duty):
    reviewer.first_name, reviewer.last_name = "伟", "王"
    reviewer.save()
    update = published(duty, reporter, reviewer)
    address = "/admin/commitments/decision/"
    for words in ("王伟", "reviewer"):
        found = signed_in(reporter).get(address, {"q": words}).context["cl"].queryset
        assert [row.action for row in found] == ["publish"], words
    assert update.decisions.count() == 2


def test_what_is_missing_is_said_once(signed_in, reporter, reviewer, duty):
    update = published(duty, reporter, reviewer)
    sent = {"note": "\u200b", "expected_revision": update.revision}
    page = signed_in(reviewer).post(action_of(update, "retract"), sent).text
    assert page.count("Give a reason: this action requires a note.") == 1
