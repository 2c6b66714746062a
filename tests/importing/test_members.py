"""A plan file may name the members of its offices."""

import pytest
from django.core.management.base import CommandError

from commitments.importing import plan_dump
from commitments.models import Decision, Office, Plan, PlanFile
from tests.importing.harbour_town import HARBOUR, load_plan

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("loaded_harbour"),
]


def members_of(code):
    return sorted(user.username for user in Office.objects.get(code=code).members.all())


@pytest.fixture
def with_members(harbour):
    harbour["offices"][0]["members"] = ["reporter"]
    harbour["offices"][2]["members"] = ["reporter", "curator"]
    return harbour


@pytest.mark.long
def test_members_are_added_when_a_plan_is_loaded_and_nothing_public_names_them(
    with_members, file, reporter
):
    with_members["plan"]["code"] = "OTHER"
    output = load_plan(file(with_members))
    assert output.splitlines()[1:] == [
        "  Office HARBOUR-OFFICE, new members: reporter",
        "  Office WATER-WORKS, new members: reporter, curator",
    ]
    assert members_of("HARBOUR-OFFICE") == ["reporter"]
    assert members_of("WATER-WORKS") == ["curator", "reporter"]
    plan = Plan.objects.get(code="OTHER")
    assert "members" not in plan_dump.dump_plan(plan)
    assert "reporter" not in str(PlanFile.objects.get(plan=plan).document)


def test_new_members_alone_are_a_difference_and_no_public_change(
    with_members, amend, refused, file, reporter
):
    with pytest.raises(CommandError, match="Office HARBOUR-OFFICE, new members: reporter"):
        load_plan(file(with_members))
    decisions = Decision.objects.count()
    assert amend(with_members).splitlines()[1:] == [
        "  Office HARBOUR-OFFICE, new members: reporter",
        "  Office WATER-WORKS, new members: reporter, curator",
    ]
    assert Decision.objects.count() == decisions
    assert refused(with_members) == ["The file does not differ from plan HARBOUR."]


def test_nobody_ceases_to_be_a_member(harbour, amend, reporter):
    Office.objects.get(code="WATER-WORKS").members.add(reporter)
    harbour["offices"][2]["members"] = ["curator"]
    amend(harbour)
    assert members_of("WATER-WORKS") == ["curator", "reporter"]
    assert "unchanged" in load_plan(HARBOUR)


def test_who_has_no_account_is_named_with_whoever_was_meant(with_members, refused, reporter):
    with_members["offices"][0]["members"] = ["repoter", "somebody"]
    assert refused(with_members)[1:] == [
        "  offices[0].members[0]: no user “repoter”; meant reporter?",
        "  offices[0].members[1]: no user “somebody”",
    ]
