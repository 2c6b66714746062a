"""Asking the API and the pages as readers do."""

import pytest


@pytest.fixture
def ask(client):
    """`ask(path, tag)` is the answer at a path of the API, or of a page if it begins with a slash,
    to whoever holds this tag."""

    def ask(path, tag=None, **headers):
        headers = headers | ({"If-None-Match": tag} if tag else {})
        return client.get(path if path.startswith("/") else f"/api/v1/{path}", headers=headers)

    return ask
