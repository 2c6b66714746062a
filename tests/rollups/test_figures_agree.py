"""After random histories, pages, API and exports give the same figures for any filter and clock."""

import csv
import html
import io
import re
from collections import Counter
from types import SimpleNamespace
from urllib.parse import urlencode

import openpyxl
import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.choices import STATUS_RULES, Freshness, Kind, Schedule, Status, Tone
from tests.examples import examples
from tests.workflow.histories import D, S
from tests.workflow.player import EVERY_EXAMPLE, EXAMPLE, Player

COLUMNS = ("status", "effective_on", "update", "evidence_level", "freshness", "schedule")
FILTERS = [
    {},
    {"kind": S},
    {"goal": 1},
    {"serves": 3},
    {"area": [1, 2]},
    {"forum": "UN"},
    {"forum": ["OEWG", "ORG"]},
    {"office": "HELP"},
    {"status": ["unassessed", "active", "completed", "contrary"]},
    {"freshness": ["current", "settled"]},
    {"tone": ["fulfilled", "unknown"]},
    {"tone": "partial", "active_at": ["UN", "ORG"]},
    {"schedule": "overdue"},
    {"evidence_level_min": 2},
    {"q": "steps"},
    {"kind": D, "evidence_level_min": 1, "area": 2},
]


class Query:
    """One query, to the API, an export or a page."""

    def __init__(self, client, plan_query):
        self.client, self.query = client, plan_query

    def get(self, path, **more):
        tail = urlencode(more, doseq=True)
        query = "&".join(part for part in (self.query, tail) if part)
        response = self.client.get(f"{path}?{query}")
        assert response.status_code == 200, response.content
        return response

    def json(self, path, **more):
        return self.get(f"/api/v1/{path}", plan="PLAN", **more).json()

    def file(self, **more):
        return b"".join(self.get("/api/v1/commitments/export/", plan="PLAN", **more))

    def page(self, path):
        return html.unescape(self.get(f"/en/PLAN/{path}").text)


def by_json(query):
    """Return kind and `COLUMNS` of the selected commitments as texts, by number."""
    commitments = {}
    for row in query.json("commitments/", page_size=200)["results"]:
        assessment = row["status"] | {"status": row["status"]["code"], "schedule": row["schedule"]}
        commitments[row["number"]] = (
            row["kind"],
            *("" if assessment[name] is None else str(assessment[name]) for name in COLUMNS),
        )
    return commitments


def by_csv(query, form, number, prefix):
    rows = csv.DictReader(io.StringIO(query.file(format=form).decode("utf-8-sig"), newline=""))
    names = [prefix + name for name in ("kind", *COLUMNS)]
    return {row[number]: tuple(row[name] for name in names) for row in rows}


def by_workbook(query):
    """Return kind, status, freshness and schedule as the workbook for people says them."""
    book = openpyxl.load_workbook(io.BytesIO(query.file(format="xlsx")))
    header, *rows = book["Commitments"].values
    columns = [header.index(name) for name in ("Kind", "Status", "Freshness", "Schedule")]
    return {row[0].removeprefix("PLAN-"): [row[place] or "" for place in columns] for row in rows}


def labels_of(row):
    """Return the same as labels of what the API gives."""
    kind, values = row[0], dict(zip(COLUMNS, row[1:], strict=True))
    codes = ((Kind, kind), (Status, values["status"]), (Freshness, values["freshness"]))
    labels = [str(codes(code).label) if code else "" for codes, code in codes]
    return [*labels, str(Schedule(values["schedule"]).label)]


def by_page(query):
    """Return the statuses on the page of commitments, by number."""
    page = query.page("commitments/")
    return dict(
        re.findall(r'<span class="number">(\S+)</span>.*?data-status="(\w+)"', page, re.DOTALL)
    )


def linked_counts(page):
    """Return the counts on a page that link to a list, by kind and status."""
    links = re.findall(r"kind=(\w+)&status=(\w+)[^>]*>(\d+)</a>", page)
    return {(kind, status): int(count) for kind, status, count in links}


def counts(group, by="counts"):
    """Return the counts of a roll-up, by kind and status; with `by="tones"` by kind and tone."""
    return {
        (kind, code): count for kind in (D, S) for code, count in group[kind][by].items() if count
    }


def summed_up(page):
    """Return the number of commitments of each kind in the sentence on a page."""
    words = {D: "deliverable", S: "standing dut"}
    sentence = re.sub("<[^>]+>", "", page[page.index('class="summary"') :].partition("</p>")[0])
    found = {kind: re.search(rf"of (\d+) {word}", sentence) for kind, word in words.items()}
    return {kind: int(match[1]) for kind, match in found.items() if match}


def by_tone(page):
    """Return the counts in the sentence on a page, by kind and tone."""
    own = page[page.index('class="summary"') :].partition("</p>")[0]
    return {
        (kind, tone): int(count)
        for kind, tone, count in re.findall(r"kind=(\w+)&tone=(\w+)[^>]*>(\d+)</a>", own)
    }


def counted_tones(group):
    """Return the counts of a roll-up by kind and tone, without a kind that nobody has assessed."""
    unassessed = [
        kind for kind in (D, S) if group[kind]["counts"]["unassessed"] == group[kind]["of"]
    ]
    return {key: n for key, n in counts(group, "tones").items() if key[0] not in unassessed}


def check_lists(query):
    """Compare the lists of commitments, the exports, and the roll-ups of the selection."""
    rows = by_json(query)
    assert by_csv(query, "csv", "number", "") == rows
    assert by_csv(query, "ogp", "Commitment Number", "x_") == rows
    assert by_workbook(query) == {number: labels_of(row) for number, row in rows.items()}
    assert by_page(query) == {number: row[1] for number, row in rows.items()}
    total = query.json("status/")["total"]
    assert counts(total) == Counter((kind, status) for kind, status, *_rest in rows.values())
    assert total["commitments"] == len(rows)
    freshness = Counter(row[5] for row in rows.values() if row[5])
    assert {name: n for name, n in total["freshness"].items() if n} == freshness
    for kind in (D, S):
        adverse = [row for row in rows.values() if row[0] == kind and tone(row[1]) == Tone.ADVERSE]
        assert (total[kind]["adverse"], total[kind]["of"]) == (
            len(adverse),
            sum(row[0] == kind for row in rows.values()),
        )
    if not re.search(r"\b(kind|tone)=", query.query):
        for (kind, code), count in counts(total, "tones").items():
            assert query.json("commitments/", kind=kind, tone=code)["count"] == count
    last = query.json("status/trend/", by="year")["periods"][-1]
    assert {kind: last[kind] for kind in (D, S)} == {kind: total[kind] for kind in (D, S)}


def tone(status):
    return STATUS_RULES[status].tone


def check_pages(query):
    """Compare the pages of the plan, of groups and of forums with the roll-ups."""
    total = query.json("status/")["total"]
    overview = query.page("")
    assert linked_counts(overview) == counts(total)
    assert summed_up(overview) == {kind: total[kind]["of"] for kind in (D, S) if total[kind]["of"]}
    assert by_tone(overview) == counted_tones(total)
    for by, path in (("goal", "goals/1/"), ("area", "areas/2/"), ("forum", "forums/UN/")):
        key = path.split("/")[1]
        group = query.json("status/", **{by: key})["total"]
        assert linked_counts(query.page(path)) == counts(group), path
        assert by_tone(query.page(path)) == counted_tones(group), path
    forums = query.json("status/", group_by="forum")["groups"]
    on_page = re.findall(
        r'<span class="muted">([A-Z]+)</span></p>\s*<p class="muted">(\d+) commitments?'
        r"(?:, (\d+) with|; no) activity",
        re.sub("</?a[^>]*>", "", query.page("forums/")),
    )
    expected = {
        row["key"]: (row["commitments"], row["active_at_forum"]) for row in forums if row["key"]
    }
    assert {code: (int(n), int(active or 0)) for code, n, active in on_page} == expected


@pytest.fixture
def check_figures(client, reporter, reviewer, curator):
    """`check_figures(most, **example)` plays a history and compares the figures under so many of
    its clocks and filters, first under the default clock without filters."""

    def check(most, zone, interval, history, readings, filters):
        people = (User.objects.get(pk=who.pk) for who in (reporter, reviewer, curator))
        with transaction.atomic():
            player = Player(zone, interval, *people)
            for event in history:
                player.play(event)
            with time_machine.travel(player.now(), tick=False):
                default = SimpleNamespace(day=None, time=None)
                readings, filters = (default, *readings)[:most], ({}, *filters)[:most]
                for reading, selected in zip(readings, filters, strict=False):
                    parameters = player.clock(reading)
                    clock = {name: value.isoformat() for name, value in parameters.items()}
                    check_pages(Query(client, urlencode(clock)))
                    check_lists(Query(client, urlencode(clock | selected, doseq=True)))
            transaction.set_rollback(True)

    return check


FILTERED = EXAMPLE | {"filters": st.lists(st.sampled_from(FILTERS), min_size=2, max_size=3)}


@pytest.mark.long
@pytest.mark.alike
@settings(max_examples=2, **EVERY_EXAMPLE)
@given(**FILTERED)
def test_pages_api_and_exports_give_the_same_figures(check_figures, **example):
    check_figures(2, **example)


@pytest.mark.long
@settings(max_examples=examples(30), **EVERY_EXAMPLE)
@given(**FILTERED)
def test_they_do_after_many_histories(check_figures, **example):
    check_figures(4, **example)
