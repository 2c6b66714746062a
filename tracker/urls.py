"""The URLs of the site."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from commitments.pages import sitemaps
from commitments.pages.lasting import LastingAddress, SourceAddress
from commitments.pages.well_known import api_catalog, security_txt

second_factor = include("commitments.admin.workbench.second_factor_urls")
signing_in = [path(f"{settings.ADMIN_PATH}second-factor/", second_factor)]
if settings.OIDC_ISSUER:
    single_sign_on = include("commitments.admin.sign_in.single_sign_on_urls")
    signing_in.append(path(f"{settings.ADMIN_PATH}single-sign-on/", single_sign_on))

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="pages:plans"), name="home"),
    *signing_in,
    path(settings.ADMIN_PATH, admin.site.urls),
    path("api/v1/", include("commitments.api.urls")),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path(".well-known/api-catalog", api_catalog, name="api-catalog"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemaps/site.xml", sitemaps.of_site, name="site-sitemap"),
    path("sitemaps/plans/<plan:plan>.xml", sitemaps.of_plan, name="plan-sitemap"),
    path("embed/<str:language>/", include("commitments.pages.embed_urls")),
    path("at/<str:day>/<int:entry>/<path:page>", LastingAddress.as_view(), name="lasting"),
    path("source/<int:pk>/", SourceAddress.as_view(), name="source"),
    path("i18n/", include("django.conf.urls.i18n")),
    *i18n_patterns(path("", include("commitments.pages.urls"))),
]

handler400 = "commitments.api.handlers.bad_request"
handler403 = "commitments.api.handlers.permission_denied"
handler404 = "commitments.api.handlers.not_found"
handler500 = "commitments.api.handlers.server_error"
