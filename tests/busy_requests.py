"""Two writing requests, one of the API and one of the admin, to the database of `DATABASE_URL`.

    DATABASE_URL=… python -m tests.busy_requests prepare
    DATABASE_URL=… python -m tests.busy_requests

Prints status, `Retry-After` and media type of each answer, as JSON.
"""

import json
import os
import sys
from base64 import b64encode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

PASSWORD = "a long enough password"


def prepare():
    User.objects.create_superuser("administrator", password=PASSWORD)


def main():
    client = Client(raise_request_exception=False)
    login = {"username": "administrator", "password": PASSWORD}
    pair = ":".join(login.values())
    answers = [
        client.post(
            "/api/v1/auth/login/",
            headers={"authorization": "Basic " + b64encode(pair.encode()).decode()},
            content_type="application/json",
        ),
        client.post("/admin/login/", login),
    ]
    headers = ("Retry-After", "Content-Type")
    print(json.dumps([[row.status_code, *map(row.get, headers)] for row in answers]))


if __name__ == "__main__":
    prepare() if sys.argv[1:] == ["prepare"] else main()
