"""Over random histories pages, API and exports give the same figures, whatever filter and clock."""

import csv
import html
import io
import re
from collections import Counter
from datetime import datetime
from types import SimpleNamespace
from urllib.parse import urlencode

import openpyxl
import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.choices import STATUS_RULES, Tone
from tests.histories import D, S
from tests.player import EVERY_EXAMPLE, EXAMPLE, Player

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


class Asked:
    """One query, as each door answers it."""

    def __init__(self, client, plan_query):
        self.client, self.query = client, plan_query

    def get(self, path, **more):
        tail = urlencode(more, doseq=True)
        answer = self.client.get(f"{path}?{'&'.join(part for part in (self.query, tail) if part)}")
        assert answer.status_code == 200, answer.content
        return answer

    def json(self, path, **more):
        return self.get(f"/api/v1/{path}", plan="PLAN", **more).json()

    def file(self, **more):
        return b"".join(self.get("/api/v1/commitments/", plan="PLAN", **more))

    def page(self, path):
        return html.unescape(self.get(f"/en/PLAN/{path}").text)


def by_json(asked):
    told = {}
    for row in asked.json("commitments/", page_size=200)["results"]:
        claim = row["status"] | {"status": row["status"]["code"], "schedule": row["schedule"]}
        told[row["number"]] = (
            row["kind"],
            *("" if claim[c] is None else str(claim[c]) for c in COLUMNS),
        )
    return told


def by_csv(asked, form, number, prefix):
    rows = csv.DictReader(io.StringIO(asked.file(format=form).decode("utf-8-sig"), newline=""))
    names = [prefix + name for name in ("kind", *COLUMNS)]
    return {row[number]: tuple(row[name] for name in names) for row in rows}


def by_xlsx(asked):
    header, *rows = openpyxl.load_workbook(io.BytesIO(asked.file(format="xlsx")))["data"].values
    told = {}
    for cells in rows:
        row = dict(zip(header, cells, strict=True))
        told[row["number"]] = tuple(in_text(row[name]) for name in ("kind", *COLUMNS))
    return told


def in_text(cell):
    return "" if cell is None else str(cell.date() if isinstance(cell, datetime) else cell)


def by_page(asked):
    """Numbers with their statuses, as the list shows them."""
    page = asked.page("commitments/")
    found = re.findall(r'<p class="number">(\S+)</p>.*?data-status="(\w+)"', page, re.DOTALL)
    return dict(found)


def linked_counts(page):
    """By kind and status, of the numbers that lead to a list."""
    found = re.findall(r"kind=(\w+)&status=(\w+)[^>]*>(\d+)</a>", page)
    return {(kind, status): int(count) for kind, status, count in found}


def counts(group, by="counts"):
    """The same of a roll-up."""
    return {
        (kind, code): count for kind in (D, S) for code, count in group[kind][by].items() if count
    }


def by_tone(page):
    """By kind and tone, of the legend of the page's own bars."""
    own = page[: page.find("<h2", page.find('class="legend"'))]
    return {
        (kind, tone): int(count)
        for kind, tone, count in re.findall(r"kind=(\w+)&tone=(\w+)[^>]*>(\d+)</a>", own)
    }


def lists_agree(asked):
    rows = by_json(asked)
    assert by_csv(asked, "csv", "number", "") == rows
    assert by_csv(asked, "ogp", "Commitment Number", "x_") == rows
    assert by_xlsx(asked) == rows
    assert by_page(asked) == {number: row[1] for number, row in rows.items()}
    total = asked.json("status/")["total"]
    assert counts(total) == Counter((kind, status) for kind, status, *_rest in rows.values())
    assert total["commitments"] == len(rows)
    fresh = Counter(row[5] for row in rows.values() if row[5])
    assert {name: n for name, n in total["freshness"].items() if n} == fresh
    for kind in (D, S):
        adverse = [row for row in rows.values() if row[0] == kind and tone(row[1]) == Tone.ADVERSE]
        assert (total[kind]["adverse"], total[kind]["of"]) == (
            len(adverse),
            sum(row[0] == kind for row in rows.values()),
        )
    if not re.search(r"\b(kind|tone)=", asked.query):
        for (kind, code), count in counts(total, "tones").items():
            assert asked.json("commitments/", kind=kind, tone=code)["count"] == count
    last = asked.json("status/trend/", by="year")["periods"][-1]
    assert {kind: last[kind] for kind in (D, S)} == {kind: total[kind] for kind in (D, S)}


def tone(status):
    return STATUS_RULES[status].tone


def pages_agree(asked):
    """Pages of the whole, of a group, and of the forums, under the same clock."""
    total = asked.json("status/")["total"]
    dashboard = asked.page("")
    assert linked_counts(dashboard) == counts(total)
    assert f"Of {total['commitments']} commitments" in " ".join(dashboard.split())
    assert by_tone(dashboard) == counts(total, "tones")
    for by, path in (("goal", "goals/1/"), ("area", "areas/2/"), ("forum", "forums/UN/")):
        key = path.split("/")[1]
        group = asked.json("status/", **{by: key})["total"]
        assert linked_counts(asked.page(path)) == counts(group), path
        assert by_tone(asked.page(path)) == counts(group, "tones"), path
    forums = asked.json("status/", group_by="forum")["groups"]
    shown = re.findall(
        r'<span class="muted">([A-Z]+)</span></p>\s*<p class="muted">(\d+) commitments?, (\d+)',
        re.sub("</?a[^>]*>", "", asked.page("forums/")),
    )
    told = {
        row["key"]: (row["commitments"], row["active_at_forum"]) for row in forums if row["key"]
    }
    assert {code: (int(n), int(active)) for code, n, active in shown} == told


@pytest.fixture
def agree(client, reporter, reviewer, curator):
    """Plays a history and asks every door, by default clocks first."""

    def agree(zone, interval, history, asks, filters):
        people = (User.objects.get(pk=who.pk) for who in (reporter, reviewer, curator))
        with transaction.atomic():
            player = Player(zone, interval, *people)
            for event in history:
                player.play(event)
            with time_machine.travel(player.now(), tick=False):
                plain = SimpleNamespace(day=None, moment=None)
                for ask, query in zip((plain, *asks), ({}, *filters), strict=False):
                    clock = {name: value.isoformat() for name, value in player.clock(ask).items()}
                    pages_agree(Asked(client, urlencode(clock)))
                    lists_agree(Asked(client, urlencode(clock | query, doseq=True)))
            transaction.set_rollback(True)

    return agree


FILTERED = EXAMPLE | {"filters": st.lists(st.sampled_from(FILTERS), min_size=2, max_size=3)}


@pytest.mark.alike
@settings(max_examples=2, **EVERY_EXAMPLE)
@given(**FILTERED)
def test_pages_api_and_exports_give_the_same_figures(agree, **example):
    agree(**example)


@pytest.mark.long
@settings(max_examples=30, **EVERY_EXAMPLE)
@given(**FILTERED)
def test_they_do_over_many_histories(agree, **example):
    agree(**example)
