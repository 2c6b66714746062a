"""Addresses of the site."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from django.views.generic import RedirectView

from commitments.views import machines

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="pages:plans"), name="home"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("commitments.api.urls")),
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": machines.Pages}}, name="sitemap"),
    path("i18n/", include("django.conf.urls.i18n")),
    *i18n_patterns(path("", include("commitments.urls"))),
]

handler400 = "commitments.api.errors.bad_request"
handler403 = "commitments.api.errors.permission_denied"
handler404 = "commitments.api.errors.not_found"
handler500 = "commitments.api.errors.server_error"
