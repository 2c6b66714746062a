"""Addresses of the public pages, below the language."""

from django.urls import path

from commitments.views import commitments

app_name = "pages"

urlpatterns = [
    path("", commitments.PlansPage.as_view(), name="plans"),
    path("<str:plan>/", commitments.CommitmentsPage.as_view(), name="plan"),
    path("<str:plan>/commitments/", commitments.CommitmentsPage.as_view(), name="commitments"),
    path(
        "<str:plan>/commitments/<str:number>/",
        commitments.CommitmentPage.as_view(),
        name="commitment",
    ),
    path(
        "<str:plan>/commitments/<str:number>/history/",
        commitments.HistoryPage.as_view(),
        name="commitment-history",
    ),
]
