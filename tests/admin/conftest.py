"""Reading pages of the staff side as somebody."""

import pytest


@pytest.fixture
def read(signed_in):
    """`read(person, path, language)` returns the HTML of an admin page."""

    def read(person, path, language="en"):
        answer = signed_in(person).get(path, headers={"Accept-Language": language})
        assert answer.status_code == 200
        return " ".join(answer.text.split())

    return read
