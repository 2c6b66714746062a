"""The application that serves the floors: hand-written SQL on a bare WSGI function, and for a 304,
which has no rows, a Django view without middleware and database."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponseNotModified
from django.urls import path

from tests.performance import floors

UNCHANGED = "/unchanged"

settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__)


def unchanged(request):
    return HttpResponseNotModified(headers={"ETag": '"x"'})


urlpatterns = [path(UNCHANGED.removeprefix("/"), unchanged)]
django = get_wsgi_application()


def application(environ, start_response):
    served = django if environ["PATH_INFO"] == UNCHANGED else floors.application
    return served(environ, start_response)
