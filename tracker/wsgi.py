"""The WSGI application that gunicorn serves."""

import os

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")


class Request(WSGIRequest):
    """All text is UTF-8: a charset that the caller names is not used. Python knows some by names
    that are none (`hex`, `idna`); an address read by one fails before any error is handled."""

    @property
    def encoding(self) -> None:
        return None

    @encoding.setter
    def encoding(self, named: str) -> None:
        pass


application = get_wsgi_application()
application.request_class = Request
