"""The addresses of single sign-on, by the names that django-allauth reverses."""

from django.urls import path

from commitments.admin.sign_in.single_sign_on import begin, come_back

urlpatterns = [
    path("", begin, name="single-sign-on"),
    path("<str:provider_id>/callback/", come_back, name="openid_connect_callback"),
]
