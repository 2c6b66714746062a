"""A member of the public, who asks the API what became of a commitment and of its updates."""

from datetime import timedelta

import time_machine

from commitments.choices import State
from tests.examples import some
from tests.steps import NOW, TODAY

LATER = NOW + 30 * timedelta(days=1)
TICK = timedelta(microseconds=1)
UNASSESSED = ("unassessed", None, set())


class Reader:
    """A member of the public, a month later. The updates have names."""

    def __init__(self, client, updates):
        self.client, self.names = client, {update.pk: name for name, update in updates.items()}

    def get(self, path, **query):
        with time_machine.travel(LATER, tick=False):
            response = self.client.get(f"/api/v1/{path}", query)
        assert response.status_code == 200, (path, query, response.content)
        return response.json()

    def status(self, **clock):
        """Return the status, the name of the update that gives it, and the names of all updates
        that count; check that all endpoints agree."""
        clock = {name: value.isoformat() for name, value in clock.items()}
        row = self.get("commitments/PLAN-1.1/", **clock)
        assert [row] == self.get("commitments/", **clock)["results"]
        status = row["status"]
        counts = self.get("status/", plan="PLAN", **clock)["total"]["standing"]["counts"]
        assert {code for code, number in counts.items() if number} == {status["code"]}
        listed = self.get("updates/", **clock)["results"]
        if not clock:
            listed = [item for item in listed if item["state"] == State.PUBLISHED]
        assert row["updates"] == len(listed)
        counting = {self.names[item["id"]] for item in listed}
        return status["code"], self.names.get(status["update"]), counting

    def states(self):
        """Return the states of all public updates by name; check that only tombstones are empty."""
        states = {}
        for row in self.get("updates/")["results"]:
            assert row == self.get(f"updates/{row['id']}/")
            retracted = row["state"] == State.RETRACTED
            assert (row["summary"] == {}, row["evidence"] == []) == (retracted, retracted)
            states[self.names[row["id"]]] = row["state"]
        return states

    def check_history(self, *changes):
        """Check the status around each change, a pair of its time and the status from then on. A
        quick run asks just before it and at it."""
        current = UNASSESSED
        for time, status in changes:
            assert self.status(known_at=time - TICK) == current
            for moment in some((time, time + TICK), same):
                assert self.status(known_at=moment) == status
            current = status
        for clock in some(({}, {"known_at": LATER}, {"as_of": TODAY}), same):
            assert self.status(**clock) == current


def same(_case):
    """All cases are of one kind."""
