"""Amending a wording in the browser: as a whole plan file would, with a public reason."""

from datetime import date

import pytest

from commitments.choices import SubjectType
from commitments.exceptions import NotPermitted, StaleRevision
from commitments.importing.wording import amend_wording, wording
from commitments.models import Commitment, Decision, Plan, RecordedContent
from tests.factories import GoalFactory
from tests.importing.harbour_town import DRAINS, THREE_DRAINS, item
from tests.steps import NOW, edited, record_loaded
from tests.words import en_zh

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("loaded_harbour"),
]

PAGE = "/admin/planning/HARBOUR/wording/commitment/A.2/"
REASON = "The issuer published a corrected text."


@pytest.fixture
def desk(curator, signed_in):
    return signed_in(curator)


def send(desk, address=PAGE, button="amend", reason=REASON, **sent):
    """Send the form; whoever amends has looked at these words first."""
    sent["expected"] = desk.get(address).context["form"]["expected"].value()
    if button == "amend":
        looked = desk.post(address, sent | {"check": "1"})
        sent["shown"] = looked.context.get("shown", "")
    return desk.post(address, {"reason": reason, button: "1", **sent})


def drains():
    return Commitment.objects.get(number="A.2")


@pytest.mark.long
def test_a_wording_is_amended_with_a_public_reason(desk, curator):
    answer = send(desk, text_en=THREE_DRAINS)
    assert answer.url == PAGE
    assert "The wording was amended." in desk.get(PAGE).text
    assert drains().text == en_zh(THREE_DRAINS)
    decision = Decision.objects.in_order().last()
    assert (decision.action, decision.note, decision.actor) == ("amend", REASON, curator)
    recorded = RecordedContent.objects.of("commitment", "HARBOUR-A.2")
    assert [row.content["text"]["en"] for row in recorded] == [DRAINS, THREE_DRAINS]


def test_what_would_change_is_shown_first_and_nothing_is_saved(desk):
    page = send(desk, button="check", reason="", text_en=THREE_DRAINS)
    [change] = page.context["changes"]
    assert (change.before, change.after) == (en_zh(DRAINS), en_zh(THREE_DRAINS))
    assert "<ins>" in page.text
    assert 'name="amend"' in page.text
    assert 'name="amend"' not in desk.get(PAGE).text
    assert drains().text == en_zh(DRAINS)


@pytest.mark.long
def test_only_the_words_that_were_shown_are_amended(desk):
    expected = desk.get(PAGE).context["form"]["expected"].value()
    sent = {"expected": expected, "reason": REASON, "amend": "1"}
    unseen = desk.post(PAGE, sent | {"text_en": THREE_DRAINS})
    assert unseen.status_code == 200
    assert drains().text == en_zh(DRAINS)
    sent["shown"] = unseen.context["shown"]
    changed = desk.post(PAGE, sent | {"text_en": "Four drains."})
    assert (
        "You have changed the text since it was compared; see what would change now."
        in changed.text
    )
    assert drains().text == en_zh(DRAINS)
    sent["shown"] = changed.context["shown"]
    assert desk.post(PAGE, sent | {"text_en": "Four drains."}).url == PAGE
    assert drains().text == en_zh("Four drains.")
    assert f'href="/admin/commitments/commitment/{drains().pk}/change/">HARBOUR-A.2</a>' in (
        desk.get(PAGE).text
    )


@pytest.mark.long
def test_it_is_said_if_one_of_several_languages_changes(desk, plan, duty):
    GoalFactory(plan=plan, number=1, title=en_zh("A goal", "目标"), text=en_zh("Text.", "文本。"))
    record_loaded(plan)
    address = "/admin/planning/PLAN/wording/goal/1/"
    words = {"title_en": "A goal", "title_zh": "目标", "text_en": "New.", "text_zh": "文本。"}
    said = "Only the words in one language change: English."
    assert said in send(desk, address, "check", **words).text
    assert said not in send(desk, address, "check", **words | {"text_zh": "新文本。"}).text


@pytest.mark.long
def test_without_a_reason_nothing_is_amended_and_the_words_stay_in_the_form(desk):
    page = send(desk, reason=" ", text_en=THREE_DRAINS)
    assert page.context["form"].errors == {"reason": ["Give a reason."]}
    assert THREE_DRAINS in page.text
    assert drains().text == en_zh(DRAINS)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (DRAINS, "Nothing would change."),
        ("", "This field is required."),
        ("The drains\x07", "nor control characters other than line breaks"),
        ("The \u202edrains", "without signs that override its direction"),
    ],
)
def test_words_that_no_plan_file_may_have_are_refused(desk, words, sentence):
    page = send(desk, text_en=words)
    assert sentence in " ".join(page.text.split())
    assert drains().text == en_zh(DRAINS)


def test_a_problem_is_shown_at_its_text_with_its_language(desk):
    address = "/admin/planning/HARBOUR/wording/area/1/"
    page = send(desk, address, "check", title_en="Clean\x07water")
    form = page.context["form"]
    assert form.non_field_errors() == ["This wording cannot be accepted."]
    rule = (
        "does not meet the rule: One line of text, not blank, without control characters or signs "
        "that override its direction."
    )
    assert form.errors["title"] == [f'English: "Clean\\u0007water" {rule}']


def test_a_problem_elsewhere_in_the_plan_says_what_it_is_about(desk):
    Commitment.objects.filter(number="A.1").update(goal=None, goal_reason=en_zh("A reading."))
    text = f"{Commitment.objects.get(number='A.1').text['en']} More."
    for page, sent in (("area/1", {"title_en": "Water"}), ("commitment/A.1", {"text_en": text})):
        address = f"/admin/planning/HARBOUR/wording/{page}/"
        _refusal, problem = send(desk, address, "check", **sent).context["form"].non_field_errors()
        assert problem == (
            "commitment A.1, goal_reason: there is no primary goal to give a reason for"
        )


def test_a_problem_of_the_file_that_is_solved_since_keeps_no_wording_from_being_amended(desk):
    row = Plan.objects.get().files.get()
    row.document["commitments"][0]["goal_reason"] = {"en": "It was a reading."}
    row.document["commitments"][0].pop("goal", None)
    row.save()
    found = send(desk, "/admin/planning/HARBOUR/wording/area/1/", "check", title_en="Water")
    assert not found.context["form"].errors
    assert found.context["changes"]


def test_a_wording_without_the_words_that_name_a_forum_is_refused(desk):
    address = "/admin/planning/HARBOUR/wording/commitment/B.1/"
    page = send(desk, address, text_en="Other words.")
    errors = page.context["form"].errors["text"]
    assert errors
    assert all(error.startswith("English: “") for error in errors)
    assert Commitment.objects.get(number="B.1").text != en_zh("Other words.")


@pytest.mark.long
def test_what_curators_changed_stays_and_the_next_file_is_compared_with_these_words(
    desk, curator, harbour, amend
):
    row = drains()
    row.due_on = date(2031, 1, 1)
    edited(row, curator)
    send(desk, text_en=THREE_DRAINS)
    assert (drains().due_on, drains().text) == (date(2031, 1, 1), en_zh(THREE_DRAINS))
    item(harbour, "A.2")["text"]["en"] = THREE_DRAINS
    item(harbour, "A.4")["title"]["en"] = "Take in the waste of ships"
    assert "Commitment A.2" not in amend(harbour)
    assert drains().due_on == date(2031, 1, 1)


@pytest.mark.long
def test_areas_and_the_plan_have_words_too(desk):
    send(desk, "/admin/planning/HARBOUR/wording/area/1/", title_en="Clean water")
    assert wording(Plan.objects.get(), SubjectType.AREA, "1") == {"title": en_zh("Clean water")}
    address = "/admin/planning/HARBOUR/wording/plan/"
    send(desk, address, title_en="The plan of the harbour", issuer_en="The town")
    assert str(Plan.objects.get().title) == "The plan of the harbour"


def test_a_plan_that_was_not_loaded_from_a_file_has_words_too(desk, plan, duty):
    GoalFactory(
        plan=plan, number=1, title=en_zh("A goal", "目标"), text=en_zh("Its text.", "文本。")
    )
    record_loaded(plan)
    address = "/admin/planning/PLAN/wording/goal/1/"
    words = {
        "title_en": "A goal",
        "title_zh": "目标",
        "text_en": "New text.",
        "text_zh": "新文本。",
    }
    assert send(desk, address, **words).status_code == 302
    assert plan.goals.get().text == en_zh("New text.", "新文本。")


@pytest.mark.long
def test_words_that_somebody_else_amended_meanwhile_are_not_overwritten(desk):
    expected = desk.get(PAGE).context["form"]["expected"].value()
    send(desk, text_en=THREE_DRAINS)
    sent = {"expected": expected, "reason": REASON, "amend": "1", "text_en": "Other words."}
    page = desk.post(PAGE, sent)
    assert "Someone else has changed this wording since you opened the page." in page.text
    assert drains().text == en_zh(THREE_DRAINS)
    with pytest.raises(StaleRevision):
        amend_wording(
            drains().plan,
            SubjectType.COMMITMENT,
            "A.2",
            {"text": en_zh("Other words.")},
            expected={"text": en_zh(DRAINS)},
            reason=REASON,
            by=Decision.objects.in_order().last().actor,
            at=NOW,
        )


@pytest.mark.parametrize("persona", ["reporter", "reviewer"])
def test_only_curators_amend(persona, request, signed_in):
    user = request.getfixturevalue(persona)
    assert signed_in(user).get(PAGE).status_code == 404
    assert signed_in(user).post(PAGE, {"text_en": "x", "amend": "1"}).status_code == 404
    with pytest.raises(NotPermitted):
        amend_wording(
            drains().plan,
            SubjectType.COMMITMENT,
            "A.2",
            {"text": en_zh("x")},
            expected={"text": en_zh(DRAINS)},
            reason=REASON,
            by=user,
            at=NOW,
        )


@pytest.mark.parametrize("part", ["forum/SEA", "commitment/NONE", "office/X", "goal/99"])
def test_what_has_no_such_words_has_no_page(desk, part):
    assert desk.get(f"/admin/planning/HARBOUR/wording/{part}/").status_code == 404


def test_pages_of_what_has_words_lead_there(desk):
    row = drains()
    page = desk.get(f"/admin/commitments/commitment/{row.pk}/change/").text
    assert f'href="{PAGE}"' in page
    area = row.plan.areas.first()
    page = desk.get(f"/admin/commitments/actionarea/{area.pk}/change/").text
    assert f'href="/admin/planning/HARBOUR/wording/area/{area.number}/"' in page
    page = desk.get(f"/admin/commitments/plan/{row.plan.pk}/change/").text
    assert 'href="/admin/planning/HARBOUR/wording/plan/"' in page
