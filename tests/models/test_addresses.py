"""Addresses that identify a forum elsewhere: in its column, in the admin, and on pages. And
where the terms of a licence are."""

import pytest
from django.core.exceptions import ValidationError

from commitments.choices import Action
from commitments.curation import history
from commitments.importing import checks, plan_dump, plan_file
from commitments.ledger import content_of
from commitments.models import Decision, Partnership, Plan
from tests.curation.forms import errors, inputs, page, version
from tests.factories import ForumFactory
from tests.steps import record_loaded

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

ITEM = "https://www.wikidata.org/wiki/Q1065"
OTHER = "https://example.org/un"


@pytest.mark.parametrize(
    "addresses",
    [
        "https://example.org/",
        [ITEM, ITEM],
        ["http://example.org/"],
        ["https://"],
        ["https://example.org/a b"],
        ['https://example.org/"'],
        ["https://example.org/<script>"],
        ["javascript:alert(1)"],
        [f"https://example.org/{'x' * 500}"],
        [7],
    ],
)
def test_only_different_https_addresses_are_taken(addresses):
    forum = ForumFactory.build(code="UN", same_as=addresses)
    with pytest.raises(ValidationError) as refusal:
        forum.full_clean()
    assert set(refusal.value.message_dict) == {"same_as"}


def test_a_curator_writes_one_a_line_and_the_record_has_them(curator, signed_in, plan, forum):
    record_loaded(plan)
    sent = {"name_en": "Forum", "name_zh": "", "kind": "dialogue", "reason": "To be found."}
    sent |= version(forum)
    answer = signed_in(curator).post(page(forum), sent | {"same_as": "Q1065"})
    assert list(errors(answer)) == ["same_as"]
    sent["same_as"] = f"{ITEM}\r\n\r\n  {OTHER}"
    assert signed_in(curator).post(page(forum), sent).status_code == 302
    forum.refresh_from_db()
    assert forum.same_as == [ITEM, OTHER]
    assert content_of(forum)["same_as"] == [OTHER, ITEM]
    [edit] = Decision.objects.filter(action=Action.EDIT)
    [entry] = history.entries_by([edit], ["en"])[edit.pk]
    assert "same as" in entry.field_labels
    shown = signed_in(curator).get(page(forum)).text
    assert f">\n{ITEM}\n{OTHER}</textarea>" in shown


def test_the_page_and_the_api_of_the_forum_lead_there(client, get, duty):
    forum = ForumFactory(code="UN", same_as=[ITEM])
    Partnership.objects.create(commitment=duty, forum=forum)
    assert get("forums/UN/")["same_as"] == [ITEM]
    assert f'<a href="{ITEM}" rel="external">' in client.get("/en/PLAN/forums/UN/").text


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        (OTHER, True),
        ("https://terms/cc-by", True),
        ("http://example.org/terms", False),
        ("ftp://example.org/terms", False),
        ("https://example.org/a|b", False),
    ],
)
def test_a_licence_has_the_same_addresses_at_the_desk_and_in_a_plan_file(
    address, is_taken, curator, signed_in, plan, duty
):
    record_loaded(plan)
    document = plan_dump.plan_document(plan)
    document["plan"]["licence_url"] = address
    wrong = checks.problems_in(document, "plan.schema.json", plan_file.check_plan)
    assert [problem for problem in wrong if problem.path == ("plan", "licence_url")] == wrong
    assert bool(wrong) is not is_taken
    sent = inputs(plan, "notice", "licence") | version(plan)
    sent |= {"review_interval_days": 365, "visibility": "public", "second_rating": "none"}
    sent |= {"licence_url": address, "locality": "", "reason": "So."}
    answer = signed_in(curator).post(page(plan), sent)
    if is_taken:
        assert answer.status_code == 302
        assert Plan.objects.get().licence_url == address
    else:
        sentence = f"“{address}” is not an address that begins with https://."
        assert errors(answer) == {"licence_url": [sentence]}


def test_without_any_a_content_is_what_it_was(forum):
    assert "same_as" not in content_of(forum)
