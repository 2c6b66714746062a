"""What the API's answers look like, key by key."""

import json
from datetime import date, timedelta

import pytest
import time_machine

from commitments.choices import Action, ForumKind, Kind
from commitments.models import Partnership
from commitments.workflow import FindingFields
from tests import steps
from tests.factories import (
    AreaFactory,
    CommitmentFactory,
    CriterionFactory,
    ForumFactory,
    GoalFactory,
    MilestoneFactory,
    PlanFactory,
)
from tests.methodology import STATUSES, tones
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.usefixtures("noon")]


# Each shape is written as it goes over the wire, and stands for all of the answer.


def test_a_plan(get, plan, duty, deliverable):
    plan.issuer, plan.licence = en_zh("The ministry", "部"), en_zh("Public domain", "公有领域")
    plan.notice = en_zh("A trial.", "试运行。")
    plan.words = {"goal": {"one": {"zh": "目的", "en": "Aim"}, "many": {"en": "Aims"}}}
    plan.licence_url = "https://creativecommons.org/publicdomain/mark/1.0/"
    plan.adopted_on, plan.locality, plan.plan_number = "2017-03-01", "Nowhere", "7"
    plan.save()
    expected = json.loads("""{
        "code": "PLAN", "languages": ["en", "zh"], "title": {"en": "A plan", "zh": "一项计划"},
        "issuer": {"en": "The ministry", "zh": "部"}, "adopted_on": "2017-03-01",
        "time_zone": "Asia/Shanghai", "review_interval_days": 365,
        "notice": {"en": "A trial.", "zh": "试运行。"},
        "licence": {"en": "Public domain", "zh": "公有领域"},
        "licence_url": "https://creativecommons.org/publicdomain/mark/1.0/",
        "commitments": 2, "revision": 1, "locality": "Nowhere", "plan_number": "7",
        "words": {"goal": {"one": {"zh": "目的", "en": "Aim"}, "many": {"en": "Aims"}}},
        "visibility": "public", "second_rating": "none",
        "url": "http://testserver/api/v1/plans/PLAN/", "html_url": "http://testserver/en/PLAN/"}""")
    assert get("plans/PLAN/") == expected
    assert get("plans/") == {"count": 1, "next": None, "previous": None, "results": [expected]}


def test_a_goal_and_an_area(get, plan):
    GoalFactory(plan=plan, number=2, text=en_zh("The first words of it.", ""))
    AreaFactory(plan=plan, number=9)
    assert get("goals/")["results"] == json.loads("""[
        {"plan": "PLAN", "number": 2, "title": {"en": "A goal", "zh": "一项目标"},
         "text": {"en": "The first words of it."},
         "html_url": "http://testserver/en/PLAN/goals/2/"}]""")
    assert get("areas/")["results"] == json.loads("""[
        {"plan": "PLAN", "number": 9, "title": {"en": "An area", "zh": "一个领域"},
         "html_url": "http://testserver/en/PLAN/areas/9/"}]""")


def test_a_forum_an_office_and_a_milestone(get, office_duty, forum, colleague, reviewer):
    place = {"parent": forum, "successor_of": forum, "closed_on": "2026-06-30"}
    place |= {"same_as": ["https://example.org/wiki/part"]}
    part = ForumFactory(code="PART", kind=ForumKind.UN_BODY, **place)
    Partnership.objects.create(commitment=office_duty, forum=part)
    whole, part = json.loads("""[
        {"code": "FORUM", "name": {"en": "Forum FORUM", "zh": "论坛"}, "kind": "dialogue",
         "parent": null, "successor_of": null, "closed_on": null, "same_as": [], "commitments": 0,
         "url": "http://testserver/api/v1/forums/FORUM/"},
        {"code": "PART", "name": {"en": "Forum PART", "zh": "论坛"}, "kind": "un_body",
         "parent": "FORUM", "successor_of": "FORUM", "closed_on": "2026-06-30",
         "same_as": ["https://example.org/wiki/part"], "commitments": 1,
         "url": "http://testserver/api/v1/forums/PART/"}]""")
    assert get("forums/PART/") == part
    assert get("forums/") == {"count": 2, "next": None, "previous": None, "results": [whole, part]}
    assert get("offices/OFFICE/") == json.loads("""
        {"code": "OFFICE", "name": {"en": "An office", "zh": "一个部门"}, "closed_on": null,
         "url": "http://testserver/api/v1/offices/OFFICE/"}""")
    milestone = MilestoneFactory(commitment=office_duty, key="m1")
    update = steps.published(office_duty, colleague, reviewer, meets=["m1"])
    expected = json.loads("""{"commitment": "PLAN-1.3", "key": "m1", "title": {"en": "First step"},
        "due_on": "2026-06-30", "due_on_first": "2026-06-30", "due_on_changes": 0,
        "met_on": "2026-07-01", "met_precision": "day",
        "html_url": "http://testserver/en/PLAN/commitments/1.3/"}""")
    expected |= {"id": milestone.pk, "met_by": update.pk}
    assert get("milestones/")["results"] == [expected]


def test_the_commitments_of_a_forum_are_counted_in_the_plan_that_is_asked_for(get, duty, forum):
    for commitment in (duty, CommitmentFactory(plan=PlanFactory(code="OTHER"))):
        Partnership.objects.create(commitment=commitment, forum=forum)
    counts = [get(f"forums/{query}")["results"][0]["commitments"] for query in ("", "?plan=PLAN")]
    assert counts == [2, 1]


def test_a_commitment_that_nobody_has_assessed(get, duty):
    answer = get("commitments/PLAN-1.1/")
    assert len(bytes.fromhex(answer.pop("text_sha256"))) == 32
    assert answer == json.loads("""{
        "url": "http://testserver/api/v1/commitments/PLAN-1.1/",
        "html_url": "http://testserver/en/PLAN/commitments/1.1/",
        "code": "PLAN-1.1", "plan": "PLAN", "number": "1.1", "area": null, "goal": null,
        "supporting_goals": [], "kind": "standing", "kind_reason": {},
        "title": {"en": "Take part in the forum", "zh": "参与论坛"},
        "text": {"en": "The country will take part in the forum.", "zh": "积极参与论坛。"},
        "note": {}, "forums": [], "lead_office": null, "supporting_offices": [],
        "start_on": null, "due_on": null, "due_on_first": null, "due_on_changes": 0,
        "ends_on": null, "schedule": "none", "updates": 0,
        "criteria": [], "criteria_reason": {}, "milestones": [],
        "findings": null, "last_action": null,
        "status": {"code": "unassessed", "label": {"en": "Not yet assessed", "zh-Hans": "尚未评估"},
            "effective_on": null, "date_precision": null, "published_at": null, "update": null,
            "evidence_level": 0, "freshness": null, "covers_from": null, "methodology": 2}}""")


def test_a_commitment_with_all_that_one_can_have(
    get, plan, office, forum, reporter, reviewer, curator
):
    commitment = CommitmentFactory(
        plan=plan,
        number="9.1",
        kind=Kind.DELIVERABLE,
        kind_reason=en_zh("It ends."),
        area=AreaFactory(plan=plan, number=9),
        goal=GoalFactory(plan=plan, number=6),
        goal_reason=en_zh("It opens."),
        note=en_zh("The Chinese says more."),
        lead_office=office,
        start_on="2026-01-01",
        due_on=date(2026, 6, 30),
    )
    commitment.supporting_goals.add(GoalFactory(plan=plan, number=5))
    commitment.supporting_offices.add(office)
    quote = en_zh("the forum", "论坛")
    Partnership.objects.create(commitment=commitment, forum=forum, quote=quote)
    office.members.add(reporter)
    commitment.criteria_reason = en_zh("Two steps.")
    commitment.save()
    for position, key in enumerate("abc", start=1):
        quote = en_zh("take part", "参与")
        CriterionFactory(commitment=commitment, key=key, position=position, quote=quote)
    commitment.criteria.filter(key="b").update(retired_at=steps.NOW)
    MilestoneFactory(commitment=commitment, key="m1", due_on=date(2026, 12, 31), is_known=False)
    steps.record_loaded(plan)
    commitment.due_on = date(2026, 12, 31)
    steps.edited(commitment, curator)
    update = steps.published(commitment, reporter, reviewer, status="started")
    answer = get("commitments/PLAN-9.1/")
    assert get("commitments/")["results"] == [answer]
    expected = json.loads("""{
        "code": "PLAN-9.1", "plan": "PLAN", "number": "9.1",
        "area": {"number": 9, "title": {"en": "An area", "zh": "一个领域"}},
        "goal": {"number": 6, "title": {"en": "A goal", "zh": "一项目标"},
            "reason": {"en": "It opens."}},
        "supporting_goals": [5], "kind": "deliverable",
        "kind_reason": {"en": "It ends."},
        "title": {"en": "Take part in the forum", "zh": "参与论坛"},
        "text": {"en": "The country will take part in the forum.", "zh": "积极参与论坛。"},
        "note": {"en": "The Chinese says more."},
        "forums": [{"code": "FORUM", "name": {"en": "Forum FORUM", "zh": "论坛"},
            "quote": {"en": "the forum", "zh": "论坛"}}],
        "lead_office": "OFFICE", "supporting_offices": ["OFFICE"], "start_on": "2026-01-01",
        "due_on": "2026-12-31", "due_on_first": "2026-06-30", "due_on_changes": 1,
        "ends_on": null, "schedule": "on_schedule", "updates": 1,
        "criteria": [
            {"key": "a", "text": {"en": "It is done.", "zh": "已经完成。"},
             "quote": {"en": "take part", "zh": "参与"}},
            {"key": "c", "text": {"en": "It is done.", "zh": "已经完成。"},
             "quote": {"en": "take part", "zh": "参与"}}],
        "criteria_reason": {"en": "Two steps."},
        "milestones": [{"key": "m1", "title": {"en": "First step"}, "due_on": "2026-12-31",
            "due_on_first": "2026-12-31", "due_on_changes": 0, "met_on": null,
            "met_precision": null, "met_by": null}],
        "findings": {"shown": 1, "in_part": 0, "not_shown": 1, "against": 0, "of": 2},
        "last_action": {"on": "2026-07-01", "date_precision": "day",
            "event_type": "participation"},
        "status": {"code": "started", "label": {"en": "Started", "zh-Hans": "已启动"},
            "effective_on": "2026-07-01", "date_precision": "day",
            "published_at": "2026-07-01T04:00:00.000000Z", "evidence_level": 3,
            "freshness": "current", "covers_from": null, "methodology": 2}}""")
    expected["status"]["update"] = expected["last_action"]["update"] = update.pk
    expected["url"] = "http://testserver/api/v1/commitments/PLAN-9.1/"
    expected["html_url"] = "http://testserver/en/PLAN/commitments/9.1/"
    assert len(bytes.fromhex(answer.pop("text_sha256"))) == 32
    assert answer == expected


def test_a_published_update_as_the_public_reads_it(get, duty, forum, reporter, reviewer):
    note = en_zh("Nothing else was found.", "")
    fields = {"status": "active", "forums": [forum], "external_ref": "A-1", "search_note": note}
    CriterionFactory(commitment=duty, key="a")
    CriterionFactory(commitment=duty, key="b", position=2)
    event = steps.published(duty, reporter, reviewer, criteria=["a"])
    fields["findings"] = {
        "a": FindingFields("shown", [event.pk]),
        "b": FindingFields("shown"),
    }
    update = steps.published(duty, reporter, reviewer, **fields)
    item = update.evidence.get()
    expected = json.loads("""{
        "commitment": "PLAN-1.1", "effective_on": "2026-07-01", "date_precision": "day",
        "event_type": "participation", "criteria": [], "meets": [], "status": "active",
        "covers_from": "2025-07-01",
        "findings": {"a": {"result": "shown"}, "b": {"result": "shown", "events": []}},
        "summary": {"en": "A meeting was held.", "zh": "会议召开。"},
        "search_note": {"en": "Nothing else was found."}, "forums": ["FORUM"],
        "external_ref": "A-1", "corrects": null, "state": "published",
        "published_at": "2026-07-01T04:00:00.000000Z", "superseded_at": null,
        "retracted_at": null, "revision": 3, "methodology": 2,
        "decisions": [{"at": "2026-07-01T04:00:00.000000Z",
            "action": "publish", "role": "reviewer", "note": null}],
        "erasures": [],
        "evidence": [{"title": {"en": "Report of an institute"},
            "publisher": {"en": "The institute"}, "url": "",
            "citation": "The institute, Report 7, 2026.", "language": "", "dated_on": null,
            "kind": "report", "source": "independent", "public": true, "file": null,
            "link": null, "is_erased": false}],
        "evidence_level": 3, "loaded_from": null, "second_rating": null, "withheld": [],
        "allowed_actions": []}""")
    expected["evidence"][0] |= {"id": item.pk, "update": update.pk}
    expected["id"] = update.pk
    expected["url"] = f"http://testserver/api/v1/updates/{update.pk}/"
    expected["html_url"] = f"http://testserver/en/PLAN/commitments/1.1/#update-{update.pk}"
    expected["rests_on"] = expected["findings"]["a"]["events"] = [event.pk]
    answer = get(f"updates/{update.pk}/")
    assert get("updates/")["results"] == [answer, get(f"updates/{event.pk}/")]
    assert get(f"updates/{event.pk}/")["criteria"] == ["a"]
    assert get(f"evidence/{item.pk}/") == expected["evidence"][0] | {
        "commitment": "PLAN-1.1",
        "update_url": expected["url"],
        "html_url": expected["html_url"],
    }
    assert len(bytes.fromhex(answer.pop("content_sha256"))) == 32
    assert answer == expected


def test_a_list_shows_the_evidence_level_known_at_the_time(get, duty, reporter, reviewer):
    event = steps.published(duty, reporter, reviewer, evidence=(steps.STATEMENT,))
    assessment = steps.published(
        duty, reporter, reviewer, status="inactive", event_type=None, evidence=(),
        rests_on=[event.pk], search_note=en_zh("Looked for minutes."),
    )  # fmt: skip
    later = steps.NOW + timedelta(seconds=1)
    with time_machine.travel(later, tick=False):
        steps.published(
            duty, reporter, reviewer, later, corrects=event, evidence=(steps.RESOLUTION,)
        )
        for query, level in (("", 2), ("?known_at=2026-07-01T04:00:00Z", 1)):
            rows = {row["id"]: row for row in get(f"updates/{query}")["results"]}
            assert rows[assessment.pk]["evidence_level"] == level


def test_a_link_is_shown_with_its_archived_address(get, duty, reporter, reviewer):
    resolution = steps.RESOLUTION | {"language": "en", "dated_on": "2026-06-30"}
    update = steps.published(duty, reporter, reviewer, evidence=(resolution,))
    item = update.evidence.get()
    archived = "https://archive.example.org/resolution"
    steps.perform(update, Action.ARCHIVE, reviewer, evidence=item.pk, archived_url=archived)
    answer = get(f"evidence/{item.pk}/")
    facts = ("status", "detail", "dead", "since", "checked_at", "last_good_at", "moved_to")
    facts += ("archived_dead", "archived_checked_at")
    assert answer["link"] == {
        "url": "https://example.org/resolution",
        "archived_url": archived,
        **dict.fromkeys(facts),
    }
    shown = {name: answer[name] for name in ("url", "citation", "language", "dated_on")}
    assert shown == json.loads("""{"url": "https://example.org/resolution", "citation": "",
        "language": "en", "dated_on": "2026-06-30"}""")


def test_a_roll_up(get, duty, deliverable, reporter, reviewer):
    steps.published(duty, reporter, reviewer, status="active")
    answer = get("status/?plan=PLAN&group_by=kind")
    total, (deliverables, standing) = answer.pop("total"), answer.pop("groups")
    assert answer == json.loads("""{"plan": "PLAN", "as_of": "2026-07-01", "known_at": null,
        "methodology": 2, "group_by": "kind", "overlapping": false}""")
    expected = json.loads("""{
        "key": "standing", "label": {"en": "Standing duty", "zh-Hans": "长期性承诺"},
        "commitments": 1,
        "deliverable": {
            "tones": {"fulfilled": 0, "partial": 0, "none": 0, "adverse": 0, "unknown": 0,
                      "apart": 0},
            "of": 0, "assessable": 0, "fulfilled": [0, 0], "adverse": 0, "reading": "empty",
            "lapsed": 0, "overdue": 0,
            "acted": {"any": 0, "beyond_statements": 0}},
        "standing": {
            "tones": {"fulfilled": 1, "partial": 0, "none": 0, "adverse": 0, "unknown": 0,
                      "apart": 0},
            "of": 1, "assessable": 1, "fulfilled": [1, 1], "adverse": 0, "reading": "fulfilled",
            "lapsed": 0, "overdue": 0,
            "acted": {"any": 1, "beyond_statements": 1}},
        "freshness": {"current": 1, "due": 0, "lapsed": 0, "settled": 0}, "active_at_forum": null,
        "members": "http://testserver/api/v1/commitments/?plan=PLAN&kind=standing"}""")
    for kind, counted in (("deliverable", {}), ("standing", {"active": 1})):
        expected[kind]["counts"] = dict.fromkeys(tones(kind), 0) | counted
    assert standing == expected
    assert set(total) == set(deliverables) == set(standing)
    assert (total["key"], total["commitments"], total["standing"]) == (
        None,
        2,
        standing["standing"],
    )
    unknown = total["deliverable"]
    assert (unknown["of"], unknown["fulfilled"], unknown["reading"]) == (1, [0, 1], "unknown")


def test_the_head_of_the_ledger(get, duty, reporter):
    assert get("ledger/head/") == {"seq": 0, "hash": "0" * 64}
    update = steps.submitted(duty, reporter)
    assert get("ledger/head/") == {"seq": 1, "hash": update.decisions.get().hash}


def test_me_says_who_i_am_and_what_waits_for_me(get, office_duty, duty, colleague, reviewer):
    mine = steps.draft(duty, colleague).pk
    sent = steps.submitted(office_duty, colleague).pk
    back = steps.returned(office_duty, colleague, reviewer).pk
    assert get("me/", colleague) == {
        "username": "colleague",
        "roles": ["reporter"],
        "offices": ["OFFICE"],
        "token": None,
        "waiting": {"drafts": [mine], "returned": [back], "to_review": []},
    }
    waiting = {"drafts": [], "returned": [], "to_review": [sent]}
    assert get("me/", reviewer)["waiting"] == waiting


def test_codes_have_labels_in_every_interface_language_and_none_is_called_none(get, db):
    codes = get("codes/")
    assert codes.pop("methodology") == 2
    lists = "statuses sources kinds tones freshness schedules readings states actions roles"
    assert set(codes) >= {
        *lists.split(),
        "forum_kinds",
        "evidence_kinds",
        "date_precisions",
        "event_types",
        "finding_results",
        "movements",
    }
    for entry in [entry for entries in codes.values() for entry in entries]:
        texts = [entry["label"], *([entry["definition"]] if "definition" in entry else [])]
        for text in texts:
            assert list(text) == ["en", "zh-Hans"], entry
            # Words that are not translated would be those of the other language.
            assert all(text.values()), entry
            assert text["en"] != text["zh-Hans"], entry
        assert entry["label"]["en"].lower() != "none"
    assert [entry["code"] for entry in codes["statuses"]] == list(STATUSES)
    [withdrawn] = [entry for entry in codes["statuses"] if entry["code"] == "withdrawn"]
    assert withdrawn.pop("definition")
    assert withdrawn == json.loads("""{
        "code": "withdrawn", "label": {"en": "No longer pursued", "zh-Hans": "不再推进"},
        "kinds": ["deliverable", "standing"], "tone": "apart", "least_evidence": 1,
        "search_note": false, "needs_action": false, "rank": null, "settled": true}""")


def test_codes_name_every_evidence_level(get, db):
    assert {entry["level"] for entry in get("codes/")["evidence_levels"]} == {0, 1, 2, 3}
