"""Amendments of criteria: the list of a file is the whole list of those in use, a criterion never
changes, and its key is never used again."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from commitments.curation import history
from commitments.importing import plan_dump, plan_load
from commitments.models import Commitment, Criterion, Plan
from commitments.texts.text import Text
from tests.documents import ABSENT, everything, placed
from tests.fixtures.worlds import people, shared_world
from tests.importing.town import VALID, changed
from tests.steps import NOW, published
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

PLACE = "commitments.0.criteria"
A, B = VALID["commitments"][0]["criteria"]
C = {"key": "c", "text": {"en": "It is open.", "zh": "已开放。"}, "quote": {"en": "it"}}
NEVER_CHANGES = "criterion “{}” never changes; give the new one a key of its own"


@pytest.fixture(autouse=True, scope="module")
def town(django_db_setup, django_db_blocker):
    """The plan of the town is loaded; its first commitment has the criteria "a" and "b"."""
    with shared_world(django_db_blocker):
        people()
        plan_load.load_plan(VALID, at=NOW)
        yield


@pytest.fixture
def amend(load_plan):
    """Amend the plan by the edited document."""

    def amend(*edits):
        reason = "The council asked for it."
        return load_plan(changed(*edits), amend=reason, by="curator")

    return amend


@pytest.fixture
def refused(load_plan):
    """Return the lines of the error; check that nothing was written."""

    def refused(*edits, **options):
        before = everything()
        with pytest.raises(CommandError) as refusal:
            load_plan(changed(*edits), **options)
        assert everything() == before
        return placed(refusal.value)[1:]

    return refused


@pytest.fixture
def not_amended(refused):
    """Return the lines with which the amendment is refused."""
    return lambda *edits: refused(*edits, amend="The council asked for it.", by="curator")


def keys_in_use():
    return list(Criterion.objects.known(None).in_order().values_list("key", flat=True))


def test_a_plan_is_loaded_with_its_criteria():
    first, second = Criterion.objects.in_order()
    assert (first.key, first.position, first.text) == ("a", 1, en_zh("It is built."))
    assert (first.quote, first.retired_at) == (en_zh("Build it"), None)
    assert (second.key, second.position, second.quote) == ("b", 2, Text())
    built = Commitment.objects.get(number="A.1")
    assert built.criteria_reason == en_zh("One for the building, one for the partner.")


def test_an_unchanged_list_is_no_difference(load_plan, not_amended):
    assert "unchanged" in load_plan(VALID)
    with pytest.raises(CommandError, match=r"The file does not differ from plan TOWN\."):
        load_plan(VALID, amend="The council asked for it.", by="curator")


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (PLACE, [A, B, C], "criteria: – → c “It is open. / 已开放。”"),
        (PLACE, [B, A], "criteria: a, b → b, a"),
        (
            f"{PLACE}.0.text.en",
            "It stands.",
            "criteria: a “It is built.” → a “It stands.”",
        ),
        (
            "commitments.0.criteria_reason.en",
            "Two.",
            "reason for the criteria (en): “One for the building, one for the partner.” → “Two.”",
        ),
    ],
)
def test_each_difference_is_listed_and_without_an_amendment_refused(refused, path, value, line):
    assert refused((path, value)) == [f"  Commitment A.1, {line}"]


def test_a_criterion_that_the_file_leaves_out_is_a_difference(refused):
    assert refused((PLACE, [A, C])) == [
        "  Commitment A.1, criteria: b “The League took part.” → –",
        "  Commitment A.1, criteria: – → c “It is open. / 已开放。”",
    ]


def test_a_new_key_is_added(amend, load_plan):
    before = list(Criterion.objects.in_order().values())
    assert amend((PLACE, [A, C, B])) == (
        "Plan TOWN amended (2 commitments).\n"
        "  Commitment A.1, criteria: – → c “It is open. / 已开放。”\n"
    )
    assert keys_in_use() == ["a", "c", "b"]
    added = Criterion.objects.get(key="c")
    assert (added.text, added.quote) == (en_zh("It is open.", "已开放。"), en_zh("it"))
    assert added.added_at > before[0]["added_at"]
    assert Criterion.objects.filter(retired_at__isnull=False).count() == 0
    assert "unchanged" in load_plan(changed((PLACE, [A, C, B])))


def test_a_key_that_is_left_out_is_replaced_and_kept(amend, load_plan):
    amend((PLACE, [A, C]))
    assert keys_in_use() == ["a", "c"]
    former, added = Criterion.objects.get(key="b"), Criterion.objects.get(key="c")
    assert former.text == en_zh("The League took part.")
    assert former.retired_at == added.added_at
    assert "unchanged" in load_plan(changed((PLACE, [A, C])))


def test_what_was_in_use_is_known_afterwards(amend):
    then = Criterion.objects.get(key="b").added_at
    amend((PLACE, [A, C]))
    changed_at = Criterion.objects.get(key="c").added_at
    assert {row.key for row in Criterion.objects.known(then)} == {"a", "b"}
    assert {row.key for row in Criterion.objects.known(changed_at)} == {"a", "c"}


def test_without_the_list_no_criteria_are_left(amend):
    amend((PLACE, ABSENT), ("commitments.0.criteria_reason", ABSENT))
    assert keys_in_use() == []
    assert Criterion.objects.filter(retired_at__isnull=False).count() == 2


def test_a_commitment_without_criteria_gets_its_first(amend):
    first = [{"key": key, "text": {"zh": f"要点{key}。"}} for key in "ab"]
    amend(("commitments.1.criteria", first))
    criteria = Commitment.objects.get(number="A.2").criteria.in_order()
    assert [(row.key, row.text) for row in criteria] == [
        ("a", en_zh("", "要点a。")),
        ("b", en_zh("", "要点b。")),
    ]
    assert keys_in_use() == ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param((f"{PLACE}.1.text.en", "The League agreed."), id="other words"),
        pytest.param((f"{PLACE}.1.text.zh", "联盟参加。"), id="a further language"),
        pytest.param((f"{PLACE}.1.text", {"zh": "联盟参加。"}), id="a language less"),
        pytest.param((f"{PLACE}.1.quote", {"en": "the League"}), id="a quote"),
    ],
)
def test_a_criterion_never_changes(not_amended, edit):
    [line] = not_amended(edit)
    assert line == f"  commitments[0].criteria[1]: {NEVER_CHANGES.format('b')}"


@pytest.mark.long
def test_a_key_that_was_used_before_is_refused(amend, not_amended):
    amend((PLACE, [A, C]))
    again = {"key": "b", "text": {"en": "Another."}}
    for row in (B, again):
        [line] = not_amended((PLACE, [A, C, row]))
        assert line == f"  commitments[0].criteria[2]: {NEVER_CHANGES.format('b')}"


def test_all_that_is_wrong_with_criteria_is_reported_at_once(amend, not_amended):
    amend((PLACE, [A, C]))
    lines = not_amended((PLACE, [A, C, B]), (f"{PLACE}.0.text.en", "It stands."))
    assert lines == [
        f"  commitments[0].criteria[0]: {NEVER_CHANGES.format('a')}",
        f"  commitments[0].criteria[2]: {NEVER_CHANGES.format('b')}",
    ]


def test_the_quotes_of_criteria_in_use_must_fit_a_new_wording(amend, not_amended):
    wording = ("commitments.0.text.en", "Raise it with the League.")
    first, *_ = Criterion.objects.in_order()
    curators = Criterion.objects.create(
        commitment=first.commitment,
        key="z",
        position=3,
        text=en_zh("It is built well."),
        quote=en_zh("Build it"),
        added_at=first.added_at,
    )
    raised = {"key": "d", "text": {"en": "It is raised."}, "quote": {"en": "Raise it"}}
    [line] = not_amended(wording, (PLACE, [raised, B]))
    assert line == "  commitments[0].criteria.z.quote.en: “Build it” does not occur in the text"
    curators.delete()
    amend(wording, (PLACE, [raised, B]))
    assert keys_in_use() == ["d", "b"]


def test_an_assessment_keeps_the_criteria_that_it_answered(amend, reporter, reviewer):
    built = Commitment.objects.get(number="A.1")
    built.lead_office.members.add(reporter)
    update = published(built, reporter, reviewer, status="started", summary=en_zh("Begun."))
    amend((PLACE, [A, C]))
    assert sorted(row.criterion.key for row in update.findings.all()) == ["a", "b"]
    built.refresh_from_db()
    assert built.status_update == update


def test_an_amended_plan_is_dumped_as_it_was_amended(amend, load_plan, tmp_path):
    amend((PLACE, [C, A]))
    plan = Plan.objects.get()
    [item, _other] = plan_dump.plan_document(plan)["commitments"]
    assert item["criteria"] == [C, A]
    path = tmp_path / "dumped.yaml"
    path.write_text(plan_dump.dump_plan(plan), encoding="utf-8")
    output = StringIO()
    call_command("load_plan", str(path), stdout=output)
    assert "unchanged" in output.getvalue()


def test_the_edit_history_lists_what_was_added_and_what_was_replaced(amend):
    amend((PLACE, [A, C]))
    latest, *earlier = history.commitment_entries(Criterion.objects.get(key="c").commitment)
    assert latest.reason == "The council asked for it."
    replaced, added = latest.changes
    assert (replaced.field, replaced.before["key"], replaced.after) == ("criteria", "b", None)
    assert (added.field, added.before, added.after) == ("criteria", None, C)
    # What the plan was loaded with is no change.
    assert all(entry.changes == [] for entry in earlier)
