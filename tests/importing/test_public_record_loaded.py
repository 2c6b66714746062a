"""The example record is loaded whole, and pages and API show it with its origin. A quick run loads
what it says of two commitments."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db.models import F

from commitments import rollups
from commitments.choices import Action, Status
from commitments.clocks import Clock
from commitments.importing import update_load
from commitments.models import Basis, Commitment, Decision, Finding, ProgressUpdate
from commitments.verification import ledger_differences
from tests import steps
from tests.factories import CommitmentFactory, PlanFactory
from tests.fixtures.plans import LOADED_AT as NOW
from tests.importing.test_public_record import RECORD
from tests.nested_lists import forums_above
from tests.words import en_zh

pytestmark = pytest.mark.alike


def tones(as_of=None, known_at=None):
    clock = Clock(now=NOW, as_of=as_of, known_at=known_at)
    total = rollups.total(Commitment.objects.at(clock))
    return {tone.value: count for tone, count in total.tones.items() if count}


@pytest.mark.long
@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_record_as_it_is_loaded(
    load_record, api, reporter, reviewer, get_page, signed_in, curator
):
    """One test for all of it, because loading takes seconds."""
    result, file = load_record()
    assert (result.updates, result.forums, result.notice) == (427, 17, True)
    check_ledger_and_plan(file, api)
    check_data(file, api, reporter, reviewer)
    check_origin_on_pages(file, get_page, signed_in, curator)
    check_page_of_forums(get_page)


@pytest.mark.long
@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_part_of_the_record_as_it_is_loaded(load_record, api, get_page, signed_in, curator):
    result, file = load_record("1.1", "5.1")
    assert (result.updates, result.forums, result.notice) == (len(file.value["updates"]), 17, True)
    check_ledger_and_plan(file, api)
    check_origin_on_pages(file, get_page, signed_in, curator)


def check_ledger_and_plan(file, api):
    assert list(ledger_differences(NOW)) == []
    assert {row.meta["import"] for row in Decision.objects.exclude(action="load")} == {file.sha256}
    [event] = api().get("/api/v1/updates/", {"plan": "ISCC", "q": "UNIDIR"}).json()["results"]
    assert (event["effective_on"], event["date_precision"]) == ("2024-05-31", "month")
    assert event["loaded_from"] == file.sha256
    plan = api().get("/api/v1/plans/ISCC/").json()
    assert plan["notice"] == RECORD["notice"]


def check_data(file, api, reporter, reviewer):

    # `as_of` follows the events, `known_at` what the tracker had published.
    assert tones() == {"partial": 24, "none": 2, "unknown": 4}
    assert tones(as_of=date(2017, 3, 1)) == {"unknown": 30}
    assert tones(as_of=date(2019, 1, 1)) == {"partial": 20, "unknown": 10}
    assert tones(known_at=NOW - timedelta(seconds=1)) == {"unknown": 30}
    assert tones(known_at=NOW) == tones()
    again = update_load.load_updates(file, author=reporter, publisher=reviewer, at=NOW)
    assert (again.updates, again.differences) == (0, [])
    assert not Commitment.objects.filter(status=Status.UNASSESSED).exists()

    # Each assessment is answered criterion by criterion and rests on the events that it names.
    assert Finding.objects.count() == 620
    references = dict(ProgressUpdate.objects.values_list("pk", "external_ref"))
    bases = Basis.objects.exclude(event=F("update")).values_list("update", "event")
    assert {(references[update], references[event]) for update, event in bases} == {
        (row["external_ref"], reference)
        for row in RECORD["updates"]
        for reference in row.get("rests_on", [])
    }

    # A forum shows the commitments of its predecessors.
    forum = api().get("/api/v1/commitments/", {"plan": "ISCC", "forum": "OEWG"}).json()
    assert [row["code"] for row in forum["results"]] == ["ISCC-2.1", "ISCC-5.3"]


def check_origin_on_pages(file, get_page, signed_in, curator):
    paths = ("", "commitments/", "commitments/1.1/", "forums/", "forums/UN/", "goals/2/")
    for path in (*paths, "areas/5/", "commitments/1.1/history/", "methodology/"):
        english = get_page(f"/en/ISCC/{path}")
        assert "Example: the progress shown here is assessed from public sources" in english
        assert "/en/ISCC/methodology/#record" in english
        chinese = get_page(f"/zh-hans/ISCC/{path}")
        assert "示例：本页进展状态系根据公开资料评估" in chinese
        assert "/zh-hans/ISCC/methodology/#record" in chinese

    english, chinese = (
        get_page(f"/{language}/ISCC/commitments/1.1/") for language in ("en", "zh-hans")
    )
    assert re.search(r"\d+ updates were loaded from a file\.", english)
    assert re.search(r"\d+条进展记录由文件导入", chinese)
    assert '<time datetime="2024-05">May 2024</time>' in english
    assert '<time datetime="2024-05">2024年5月</time>' in chinese
    assert "31 May 2024" not in english
    assert '<time datetime="2024">2024年</time>' in get_page("/zh-hans/ISCC/commitments/5.1/")

    page = get_page("/en/ISCC/methodology/")
    loaded = f"{len(file.value['updates'])} public updates were loaded from a file"
    assert f"{loaded} on 26 November 2026" in page
    assert file.sha256 in page
    assert "150 assessments over five periods" in page

    staff = signed_in(curator)
    updates = staff.get("/admin/commitments/progressupdate/?q=UNIDIR").text
    assert "May 2024" in updates
    [event] = ProgressUpdate.objects.filter(external_ref="ev-1-1-3")
    page = staff.get(f"/admin/updates/{event.pk}/").text
    assert f'Loaded from a file <span class="muted">SHA-256 {file.sha256}</span>' in page


def check_page_of_forums(get_page):
    page = get_page("/en/ISCC/forums/")
    named, others = page.split("Other forums on record")
    assert "/forums/OEWG/" in named
    assert "/forums/ASEAN/" in others
    assert 'ASEAN · <a href="/en/ISCC/events/?forum=ASEAN">14 events</a>' in others
    assert named.index("/forums/UN/") < named.index("/forums/UNGA/") < named.index("/forums/OEWG/")
    assert "/forums/OEWG/" not in others
    above = forums_above(named)
    assert above["UNGA"] == ["UN"]
    assert above["OEWG"] == ["UN", "UNGA"]
    above = forums_above(others)
    assert above["SCO-RATS"] == ["SCO"]
    assert above["UNSC-CTC"] == ["UN", "UNSC"]
    assert above["CSTD"] == ["UN"]
    assert "Other forums on record" not in get_page("/en/ISCC/forums/?as_of=2017-03-01")

    other = PlanFactory(code="OTHER")
    CommitmentFactory(plan=other)
    assert "Partner forums" not in get_page("/en/OTHER/")
    page = get_page("/en/ISCC/forums/ASEAN/")
    assert "The plan does not name this forum; only updates do." in page
    assert "0 commitments" not in page


@pytest.mark.long
@pytest.mark.django_db
def test_files_of_another_plan_and_of_later_are_not_named(
    plan, duty, deliverable, forum, reporter, reviewer, noon, load, get_page
):
    PlanFactory(code="OTHER")
    load(publish_as=None)
    assert "SHA-256 of the file" not in get_page("/en/PLAN/methodology/")
    update = ProgressUpdate.objects.get(external_ref="event-1")
    steps.perform(update, Action.PUBLISH, reviewer)
    page = get_page("/en/PLAN/methodology/")
    assert "1 public update was loaded from a file on 1 July 2026" in page
    assert "SHA-256 of the file" not in get_page("/en/OTHER/methodology/")
    early = get_page("/en/PLAN/methodology/?known_at=2026-06-30T00:00:00Z")
    assert "SHA-256 of the file" not in early


@pytest.mark.django_db
def test_a_notice_of_one_line_leads_nowhere(plan, get_page):
    plan.notice = en_zh("", "试用。")
    plan.save()
    page = get_page("/en/PLAN/")
    marks = 'lang="zh" dir="ltr" data-script="Hans"'
    assert re.search(rf"<span {marks}>试用。</span>\s*</div>\s*</aside>", page)
