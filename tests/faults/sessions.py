"""Print the key of a session of each person of `tests.workflow.race_world`, as JSON.

DATABASE_URL=… python -m tests.faults.sessions
"""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402


def key_of(user):
    client = Client()
    client.force_login(user, backend="commitments.access.backends.PeopleBackend")
    return client.cookies["sessionid"].value


if __name__ == "__main__":
    print(json.dumps({user.username: key_of(user) for user in User.objects.all()}))
