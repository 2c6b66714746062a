"""Signing in over HTTP with a name and a password."""

import base64

import pytest
from rest_framework.test import APIClient

PASSWORD = "a long password of the tests"


def basic(name, password=PASSWORD):
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def login(name, password=PASSWORD, **extra):
    client = APIClient(headers={"Authorization": basic(name, password)})
    return client.post("/api/v1/auth/login/", **extra)


@pytest.fixture
def signed_in():
    """A client that has exchanged a name and a password for a token."""

    def client(user):
        # A new password would end the tokens that the user has.
        if not user.check_password(PASSWORD):
            user.set_password(PASSWORD)
            user.save()
        answer = login(user.username)
        assert answer.status_code == 200, answer.content
        return APIClient(headers={"Authorization": f"Token {answer.json()['token']}"})

    return client
