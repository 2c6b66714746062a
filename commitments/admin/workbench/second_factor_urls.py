"""The addresses of the second factor, by the names that django-allauth reverses."""

from django.urls import path
from django.views.generic import RedirectView

from commitments.admin.workbench import second_factor as pages

urlpatterns = [
    path("", pages.FactorsPage.as_view(), name="mfa_index"),
    path("sign-in/", pages.SecondStepPage.as_view(), name="mfa_authenticate"),
    path("start/", RedirectView.as_view(pattern_name="admin:login"), name="account_login"),
    path("password/", pages.ConfirmPasswordPage.as_view(), name="account_reauthenticate"),
    path("app/", pages.AddAppPage.as_view(), name="mfa_activate_totp"),
    path("app/remove/", pages.RemoveAppPage.as_view(), name="mfa_deactivate_totp"),
    path("passkey/", pages.AddPasskeyPage.as_view(), name="mfa_add_webauthn"),
    path("passkey/<int:pk>/remove/", pages.RemovePasskeyPage.as_view(), name="mfa_remove_webauthn"),
    path("codes/", pages.CodesPage.as_view(), name="mfa_view_recovery_codes"),
    path("codes/new/", pages.NewCodesPage.as_view(), name="mfa_generate_recovery_codes"),
]
