"""The WSGI application that gunicorn serves. It does not start if settings are wrong."""

import gc
import os

import django
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

from tracker.garbage import collect_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
# No reader waits longer for a page, and the server ends a worker that is silent for longer.
os.environ.setdefault("STATEMENT_SECONDS", "30")


# The tag of the checks of `commitments/deployment_checks.py`.
DEPLOYMENT = "deployment"


class Request(WSGIRequest):
    """A request whose text is always UTF-8, whatever charset the client names.

    Django would pass the client's charset to Python, where some names are not text encodings
    (`hex`, `idna`); reading the URL then fails before any error handler runs.
    """

    @property
    def encoding(self) -> None:
        return None

    @encoding.setter
    def encoding(self, value: str) -> None:
        pass


# Before the middleware is loaded, which may need a library that a check says is missing.
django.setup()
found = [*run_checks(), *run_checks(tags=[DEPLOYMENT], include_deployment_checks=True)]
if serious := [message for message in found if message.is_serious()]:
    raise ImproperlyConfigured("\n".join(str(message) for message in serious))
application = get_wsgi_application()
application.request_class = Request

# Modules and classes live as long as the process: collecting them again and again finds nothing.
gc.collect()
gc.freeze()
collect_seldom()
