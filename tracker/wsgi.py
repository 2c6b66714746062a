"""The WSGI application that gunicorn serves."""

import os

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")


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


application = get_wsgi_application()
application.request_class = Request
