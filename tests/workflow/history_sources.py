"""What grid, comparison, files and pages say of a played history, against its model."""

import csv
import re
from collections import Counter
from datetime import date

from django.utils.html import strip_tags

from commitments.choices import CoverageGap, EventType, FindingResult, Movement, Schedule, Status
from tests.methodology import STATUSES
from tests.workflow.histories import DAY

LEVELS = (
    "No public evidence",
    "Statement by a party",
    "Formally adopted record",
    "Third-party source",
)
FRESHNESS = {
    "current": "Current",
    "due": "Due for review",
    "lapsed": "lapsed, counts as unknown",
    "settled": "Final",
}


def answer(client, address):
    response = client.get(address)
    assert response.status_code == 200, (address, response.content)
    return response


def compare_grid(player, parameters, query, client):
    """Compare each cell with the model on the last day of its period."""
    model, now = player.model, player.now()
    grid = answer(client, f"/api/v1/status/grid/?plan=PLAN&by=year&{query}").json()
    ends = [date.fromisoformat(period["ends_on"]) for period in grid["periods"]]
    assert ends == model.years(now, **parameters)
    numbers = [row["code"].removeprefix("PLAN-") for row in grid["commitments"]]
    states = [model.states(now, **parameters | {"as_of": end}) for end in ends]
    for number, row in zip(numbers, grid["commitments"], strict=True):
        for end, cell, state in zip(ends, row["cells"], states, strict=True):
            assert grid_cell(cell) == model_cell(state[number]), (number, end, parameters)
        counting = model.counting(now, **parameters)
        played = [row for row in counting if row.number == number and row.event_type]
        in_year = Counter(row.effective_on.year for row in played)
        assert [cell["events"] for cell in row["cells"]] == [in_year[end.year] for end in ends]
        action = states[-1][number]["action"]
        assert (row["last_action"] and row["last_action"]["update"]) == (action and action[0])
        assert row["schedule"] == states[-1][number]["schedule"]


def grid_cell(cell):
    found = cell["findings"] or {"of": 0}
    results = [result for result, n in found.items() if result != "of" for _ in range(n)]
    return {**{name: cell[name] for name in ("status", "tone", "lapsed", "overdue", "update")}} | {
        "findings": sorted(results)
    }


def model_cell(state):
    lapsed = state["freshness"] == "lapsed"
    return {
        "status": state["status"],
        "tone": "unknown" if lapsed else STATUSES[state["status"]].tone,
        "lapsed": lapsed,
        "overdue": state["schedule"] == "overdue",
        "update": state["update"],
        "findings": state["findings"],
    }


def compare_movements(player, reading, parameters, query, client):
    """Compare two days over REST."""
    model, last = player.model, player.model.day(player.now(), **parameters)
    first = last - reading.days_before * DAY
    compared = answer(client, f"/api/v1/status/compare/?plan=PLAN&from={first}&{query}").json()
    expected = model.comparison(first, last, parameters.get("known_at"))
    names = (
        "before",
        "after",
        "before_lapsed",
        "after_lapsed",
        "movement",
        "after_gap",
        "criteria_changed",
    )
    found = {
        row["code"].removeprefix("PLAN-"): tuple(row[name] for name in names)
        for row in compared["commitments"]
    }
    assert found == expected, (first, parameters)
    movements = [row[names.index("movement")] for row in expected.values()]
    assert compared["counts"] == {code: movements.count(code) for code in Movement.values()}


def compare_file(player, parameters, query, client):
    """Compare the file of commitments with the model."""
    states = player.model.states(player.now(), **parameters)
    response = answer(client, f"/api/v1/commitments/export/?plan=PLAN&format=csv&{query}")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    rows = {row["number"]: row for row in csv.DictReader(lines)}
    assert {number: file_state(row) for number, row in rows.items()} == {
        number: model_row(state) for number, state in states.items()
    }, parameters


def file_state(row):
    names = ("status", "effective_on", "covers_from", "update", "freshness", "schedule", "due_on")
    names += ("last_action_on", "last_action_type", "evidence_level", "coverage", "updates")
    counts = {result: row[f"findings_{result}"] for result in FindingResult.values()}
    # An assessment that answers no criterion has empty cells instead of noughts.
    assert set(counts.values()) == {""} or any(map(int, counts.values()))
    found = [result for result, count in counts.items() for _ in range(int(count or 0))]
    return {name: row[name] for name in names} | {"findings": sorted(found)}


def model_row(state):
    action = state["action"] or (None, None, None, None)
    gaps = [code for code in CoverageGap.values() if code in state["gaps"]]
    plain = {name: state[name] for name in ("status", "effective_on", "covers_from", "update")}
    plain |= {"freshness": state["freshness"], "schedule": state["schedule"]}
    plain |= {"due_on": state["due_on"][0], "last_action_on": action[1]}
    plain |= {"last_action_type": action[3], "evidence_level": state["level"]}
    plain |= {"coverage": "; ".join(gaps), "updates": state["updates"]}
    texts = {name: "" if value is None else str(value) for name, value in plain.items()}
    return texts | {"findings": state["findings"]}


def compare_page(player, parameters, query, client):
    """Compare the list of commitments that readers see with the model."""
    states = player.model.states(player.now(), **parameters)
    page = answer(client, f"/en/PLAN/commitments/?{query}").content.decode()
    _head, *listed = re.findall(r'<tr role="row">(.*?)</tr>', page, re.DOTALL)
    assert len(listed) == len(states)
    for html, (number, state) in zip(listed, states.items(), strict=True):
        row = " ".join(strip_tags(html).split())
        assert row.startswith(f"{number} ")
        *_earlier, today = re.findall(
            r'class="cell( lapsed)?".*?title="\d+: ([^"]+)"', html, re.DOTALL
        )
        assert bool(today[0]) == (state["freshness"] == "lapsed")
        assert today[1].startswith(str(Status(state["status"]).label))
        for words, is_said in sentences(state).items():
            assert (words in row) == is_said, (words, row, parameters)


def sentences(state):
    """Return what a row says, and what it does not."""
    action, results = state["action"], state["findings"]
    best = next((code for code in ("shown", "in_part", "against") if code in results), "shown")
    name = {"shown": "shown", "in_part": "in part", "against": "against"}[best]
    shown = f"{results.count(best)} of {len(results)} criteria {name}"
    said = {
        str(Status(state["status"]).label): True,
        str(Schedule.OVERDUE.label): state["schedule"] == "overdue",
        "lapsed, counts as unknown": state["freshness"] == "lapsed",
        LEVELS[state["level"]]: state["update"] is not None,
        " criteria ": bool(results),
        "Last action: ": action is not None,
    }
    if results:
        said[shown] = True
    if action:
        label = EventType(action[3]).label
        said[f"Last action: {shown_day(action[1], action[2])} · {label}"] = True
    if state["freshness"] in FRESHNESS and state["freshness"] != "settled":
        said[FRESHNESS[state["freshness"]]] = True
    return said


def shown_day(day, precision):
    months = {"day": f"{day.day} {day:%B %Y}", "month": f"{day:%B %Y}", "year": f"{day:%Y}"}
    return months[precision]
