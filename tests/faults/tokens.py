"""Print an access token of each person of `tests.workflow.race_world`, as JSON.

DATABASE_URL=… python -m tests.faults.tokens
"""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402

from tests.steps import token  # noqa: E402

if __name__ == "__main__":
    print(json.dumps({user.username: token(user) for user in User.objects.all()}))
