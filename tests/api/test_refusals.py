"""What is refused, over HTTP, in the reader's language; and after each refusal all is as it was."""

import threading

import pytest
from django.db import connection, connections

from commitments import workflow
from commitments.choices import Action, State, Status
from commitments.exceptions import ActionRefused
from commitments.models import Decision, ProgressUpdate
from tests.documents import everything
from tests.steps import NOW, STATEMENT, draft, published, submitted

pytestmark = pytest.mark.django_db


def own_work(duty, author, reviewer):
    return author, "post", submitted(duty, author), "publish/", {}


def submitted_content(duty, author, reviewer):
    return author, "patch", submitted(duty, author), "", {"summary": {"en": "Other."}}


def published_content(duty, author, reviewer):
    return author, "patch", published(duty, author, reviewer), "", {"summary": {"en": "Other."}}


def wrong_kind(duty, author, reviewer):
    return author, "patch", draft(duty, author), "", {"status": "completed"}


def too_little_evidence(duty, author, reviewer):
    update = draft(duty, author, status=Status.ACTIVE, evidence=[STATEMENT])
    return author, "post", update, "submit/", {}


def future_date(duty, author, reviewer):
    return author, "patch", draft(duty, author), "", {"effective_on": "2999-01-01"}


def return_without_note(duty, author, reviewer):
    return reviewer, "post", submitted(duty, author), "return/", {}


REFUSALS = [
    (
        own_work,
        403,
        "is reserved for a reviewer who neither wrote, edited nor submitted it",
        "未修改也未提交过该内容的审核人",
    ),
    (submitted_content, 409, "can no longer be edited", "不能再修改"),
    (published_content, 409, "can no longer be edited", "不能再修改"),
    (wrong_kind, 400, "does not apply to PLAN-1.1", "不适用于PLAN-1.1"),
    (too_little_evidence, 409, "requires public evidence of level 2", "至少需要2级公开佐证材料"),
    (future_date, 400, "is in the future", "晚于今天"),
    (return_without_note, 400, "this action requires a note", "此操作须填写意见"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(("make", "status", "english", "chinese"), REFUSALS)
def test_a_refusal_says_why_and_changes_nothing(
    make, status, english, chinese, language, duty, all_rounder, reviewer, api
):
    user, method, update, path, body = make(duty, all_rounder, reviewer)
    before = everything()
    send = getattr(api(user), method)
    answer = send(
        f"/api/v1/updates/{update.pk}/{path}",
        body,
        format="json",
        headers={"If-Match": f'"{update.revision}"', "Accept-Language": language},
    )
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert (english if language == "en" else chinese) in answer.content.decode()
    assert everything() == before


def test_the_second_of_two_publications_is_refused(duty, reporter, reviewer, other_reviewer, api):
    update = submitted(duty, reporter)
    expected_revision = {"If-Match": f'"{update.revision}"'}
    address = f"/api/v1/updates/{update.pk}/publish/"
    first = api(reviewer).post(address, {}, format="json", headers=expected_revision)
    before = everything()
    second = api(other_reviewer).post(address, {}, format="json", headers=expected_revision)
    assert (first.status_code, second.status_code) == (200, 412)
    assert everything() == before


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_who_publish_at_once_one_succeeds(duty, reporter, reviewer, other_reviewer):
    update = submitted(duty, reporter)
    people = [reviewer, other_reviewer] * 4
    start, outcomes = threading.Barrier(len(people)), []

    def publish(person):
        start.wait()
        try:
            workflow.perform(
                update, Action.PUBLISH, by=person, at=NOW, expected_revision=update.revision
            )
            outcomes.append("yes")
        except ActionRefused:
            outcomes.append("no")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["no"] * (len(people) - 1) + ["yes"]
    assert ProgressUpdate.objects.get().state == State.PUBLISHED
    assert Decision.objects.filter(action=Action.PUBLISH).count() == 1
    assert connection.vendor == "postgresql"
