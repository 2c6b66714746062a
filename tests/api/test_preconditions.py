"""Who changes something says which revision they were shown: ETag and `If-Match`."""

import pytest

from commitments.choices import Action
from commitments.models import ProgressUpdate
from tests import steps
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]


@pytest.fixture
def update(duty, reporter):
    return steps.draft(duty, reporter)


@pytest.fixture
def author(api, reporter):
    return api(reporter)


def at(update, action=""):
    return f"/api/v1/updates/{update.pk}/" + (f"{action}/" if action else "")


def evidence(update):
    return f"/api/v1/evidence/{update.evidence.get().pk}/"


def content(update):
    fresh = ProgressUpdate.objects.get(pk=update.pk)
    titles = list(fresh.evidence.order_by("pk").values_list("title", flat=True))
    return fresh.state, fresh.revision, fresh.summary, titles


def tag(answer):
    assert answer.status_code in (200, 201, 204), answer.content
    return answer.headers["ETag"]


def changes(client, update, **options):
    """Every request that needs `If-Match`, each valid but for that."""
    words = {"summary": {"en": "Something else."}}
    yield lambda: client.patch(at(update), words, format="json", **options)
    yield lambda: client.patch(evidence(update), {"title": "New"}, format="json", **options)
    yield lambda: client.delete(evidence(update), **options)
    note = {"note": "Because."}
    for action in ("submit", "recall", "discard", "return", "publish", "retract"):
        yield lambda action=action: client.post(at(update, action), note, format="json", **options)


def test_answers_about_an_update_and_its_evidence_carry_the_same_strong_etag(author, update):
    etag = tag(author.get(at(update)))
    assert etag.startswith('"')
    assert etag.endswith('"')
    assert tag(author.get(evidence(update))) == etag


def test_a_list_carries_no_etag_of_one_update(author, update):
    assert author.get("/api/v1/updates/").headers.get("ETag") != tag(author.get(at(update)))


def test_a_new_update_comes_with_the_etag_that_its_first_change_needs(author, duty):
    body = {"commitment": "PLAN-1.1", "effective_on": "2026-07-01"}
    made = author.post("/api/v1/updates/", body, format="json")
    body, headers = {"search_note": {"en": "x"}}, {"If-Match": tag(made)}
    answer = author.patch(made.headers["Location"], body, format="json", headers=headers)
    assert answer.status_code == 200


def test_a_change_without_if_match_is_asked_for_it(author, update):
    before = content(update)
    answers = [change() for change in changes(author, update)]
    assert [answer.status_code for answer in answers] == [428] * 9
    for answer in answers:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert "If-Match" in answer.json()["detail"]
    assert content(update) == before


@pytest.mark.parametrize("given", ["*", "", " "])
def test_an_if_match_that_names_no_revision_is_refused(author, update, given):
    before = content(update)
    answer = author.post(at(update, "submit"), headers={"If-Match": given})
    assert answer.status_code in (412, 428)
    assert content(update) == before


@pytest.mark.parametrize(
    "given",
    [
        '"2"',
        '"0"',
        "1",
        "'1'",
        '"1"x',
        '"2", "3"',
        '"one"',
        '"-1"',
        '"99999999999999999999"',
        'w/"1"',
        '"1"\xe9',
        '"33a64df551425fcc55e4d42a148795d9"',
    ],
)
def test_a_stale_or_foreign_etag_changes_nothing(author, update, given):
    before = content(update)
    headers = {"If-Match": given}
    answers = [
        author.patch(at(update), {"search_note": {"en": "x"}}, format="json", headers=headers),
        author.post(at(update, "submit"), headers=headers),
    ]
    for answer in answers:
        assert answer.status_code == 412
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert content(update) == before


@pytest.mark.long
def test_a_stale_etag_is_refused_by_every_change_that_could_be_made(author, update):
    before = content(update)
    answers = [change() for change in changes(author, update, headers={"If-Match": '"9"'})]
    # What the author may not do is refused for that.
    statuses = [answer.status_code for answer in answers]
    assert statuses == [412, 412, 412, 412, 412, 412, 403, 403, 403]
    assert content(update) == before


@pytest.mark.parametrize("given", ['"1", "2"', '"7", W/"1"', '"abc" , "1"'])
def test_one_of_several_etags_is_enough(author, update, given):
    body = {"search_note": {"en": "x"}}
    answer = author.patch(at(update), body, format="json", headers={"If-Match": given})
    assert answer.status_code == 200


def test_a_stale_etag_is_refused_as_that_whatever_the_state(author, update, api, reviewer):
    """Who has not seen that the update was submitted shall read it again first."""
    tag = f'"{update.revision}"'
    assert author.post(at(update, "submit"), headers={"If-Match": tag}).status_code == 200
    words = {"summary": {"en": "Other."}}
    stale = {"headers": {"If-Match": tag}, "format": "json"}
    answers = [author.patch(at(update), words, **stale), author.post(at(update, "submit"), **stale)]
    assert [answer.status_code for answer in answers] == [412, 412]
    assert {answer.json()["type"].split("/")[-2] for answer in answers} == {"stale-revision"}


def test_an_etag_that_a_proxy_has_weakened_is_the_same_etag(author, update):
    weak = "W/" + tag(author.get(at(update)))
    answer = author.patch(
        at(update), {"search_note": {"en": "x"}}, format="json", headers={"If-Match": weak}
    )
    assert answer.status_code == 200


def test_the_etag_changes_with_the_content(author, update):
    headers = {"If-Match": tag(author.get(at(update)))}
    first = author.patch(at(update), {"search_note": {"en": "x"}}, format="json", headers=headers)
    assert tag(first) != headers["If-Match"]
    assert tag(first) == tag(author.get(at(update)))
    again = author.patch(at(update), {"search_note": {"en": "y"}}, format="json", headers=headers)
    assert again.status_code == 412
    assert author.get(at(update)).json()["search_note"]["en"] == "x"


@pytest.mark.long
def test_the_etag_changes_with_the_state(api, author, reviewer, update):
    tags = [tag(author.get(at(update)))]
    for client, action in (
        (author, "submit"),
        (author, "recall"),
        (author, "submit"),
        (api(reviewer), "publish"),
        (api(reviewer), "retract"),
    ):
        body = {"note": "Because."}
        moved = client.post(at(update, action), body, format="json", headers={"If-Match": tags[-1]})
        tags.append(tag(moved))
    assert len(set(tags)) == 6


def test_the_etag_of_what_a_correction_replaces_changes_too(author, duty, reporter, reviewer):
    first = steps.published(duty, reporter, reviewer)
    before = tag(author.get(at(first)))
    steps.published(duty, reporter, reviewer, corrects=first)
    assert tag(author.get(at(first))) != before


def test_changing_evidence_answers_with_the_updates_new_etag(author, update):
    before = tag(author.get(at(update)))
    headers = {"If-Match": before}
    answer = author.patch(evidence(update), {"title": "New"}, format="json", headers=headers)
    assert tag(answer) != before
    assert tag(answer) == tag(author.get(at(update))) == tag(author.get(evidence(update)))
    assert answer.json()["title"] == {"en": "New"}
    stale = author.patch(evidence(update), {"title": "Newer"}, format="json", headers=headers)
    assert stale.status_code == 412


def test_removing_evidence_answers_with_the_updates_new_etag(author, update):
    before = tag(author.get(at(update)))
    answer = author.delete(evidence(update), headers={"If-Match": before})
    assert (answer.status_code, answer.content) == (204, b"")
    assert tag(answer) != before
    assert tag(answer) == tag(author.get(at(update)))
    assert author.get(at(update)).json()["evidence"] == []


def test_adding_evidence_needs_no_if_match_and_answers_with_the_new_etag(author, update):
    before = tag(author.get(at(update)))
    answer = author.post(at(update, "evidence"), steps.STATEMENT, format="json")
    assert answer.status_code == 201
    assert tag(answer) != before
    assert tag(answer) == tag(author.get(at(update)))
    assert answer.json().items() <= author.get(answer.headers["Location"]).json().items()


@pytest.mark.long
def test_a_reviewer_who_was_shown_an_older_content_publishes_nothing(api, author, update, reviewer):
    author.post(at(update, "submit"), headers={"If-Match": tag(author.get(at(update)))})
    shown = tag(api(reviewer).get(at(update)))
    recalled = author.post(at(update, "recall"), headers={"If-Match": shown})
    changed = author.patch(
        at(update),
        {"summary": {"en": "Something else."}},
        format="json",
        headers={"If-Match": tag(recalled)},
    )
    author.post(at(update, "submit"), headers={"If-Match": tag(changed)})
    answer = api(reviewer).post(at(update, "publish"), headers={"If-Match": shown})
    assert answer.status_code == 412
    assert content(update)[0] == "submitted"


@pytest.mark.parametrize("header", ["If-None-Match", "If-Modified-Since"])
def test_a_single_update_never_answers_its_author_that_it_is_unchanged(
    author, duty, reporter, reviewer, header
):
    update = steps.published(duty, reporter, reviewer)
    value = {
        "If-None-Match": tag(author.get(at(update))),
        "If-Modified-Since": "Fri, 01 Jan 2027 00:00:00 GMT",
    }[header]
    for path in (at(update), evidence(update)):
        answer = author.get(path, headers={header: value})
        assert (answer.status_code, bool(answer.content)) == (200, True)
    everything = author.get(at(update), headers={"If-None-Match": "*"})
    assert everything.status_code == 200


def test_an_archived_address_changes_the_etag(author, duty, reporter, reviewer):
    update = steps.published(duty, reporter, reviewer, evidence=(steps.RESOLUTION,))
    before = tag(author.get(at(update)))
    item = update.evidence.get()
    archived = "https://archive.example.org/1"
    steps.perform(update, Action.ARCHIVE, reviewer, evidence=item.pk, archived_url=archived)
    assert tag(author.get(at(update))) != before
    assert content(update)[2] == en_zh("A meeting was held.", "会议召开。")
