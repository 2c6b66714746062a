"""Addresses of the public pages, below the language."""

from django.urls import path

from commitments.views import commitments, dashboard, groups

app_name = "pages"

urlpatterns = [
    path("", commitments.PlansPage.as_view(), name="plans"),
    path("<str:plan>/", dashboard.DashboardPage.as_view(), name="dashboard"),
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
    path("<str:plan>/goals/<int:number>/", groups.GoalPage.as_view(), name="goal"),
    path("<str:plan>/areas/<int:number>/", groups.AreaPage.as_view(), name="area"),
    path("<str:plan>/forums/", groups.ForumsPage.as_view(), name="forums"),
    path("<str:plan>/forums/<str:code>/", groups.ForumPage.as_view(), name="forum"),
    path("<str:plan>/methodology/", dashboard.MethodologyPage.as_view(), name="methodology"),
]
