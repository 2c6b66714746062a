"""Addresses of the REST API, version 1."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from commitments import converters  # noqa: F401 - registers <name:> and the others
from commitments.api import (
    schema,  # noqa: F401 - registers its extensions with drf-spectacular
    views_changes,
    views_data,
    views_dump,
    views_evidence,
    views_history,
    views_ledger,
    views_proofs,
    views_reference,
    views_report,
    views_site,
    views_status,
    views_tokens,
    views_updates,
)

app_name = "api"

router = SimpleRouter()
router.register("plans", views_reference.PlanView, basename="plan")
router.register("goals", views_reference.GoalView, basename="goal")
router.register("areas", views_reference.AreaView, basename="area")
router.register("forums", views_reference.ForumView, basename="forum")
router.register("offices", views_reference.OfficeView, basename="office")
router.register("commitments", views_reference.CommitmentView, basename="commitment")
router.register("updates", views_updates.UpdateView, basename="update")
router.register("evidence", views_evidence.EvidenceView, basename="evidence")
router.register("auth/tokens", views_tokens.TokenView, basename="token")
router.register("contents", views_ledger.ContentsView, basename="content")
router.register("milestones", views_reference.MilestoneView, basename="milestone")
router.register("meetings", views_reference.MeetingView, basename="meeting")
lists = {prefix: f"api:{name}-list" for prefix, _view, name in router.registry}

urlpatterns = [
    path("", views_site.IndexView.as_view(lists=lists), name="index"),
    path("", include(router.urls)),
    path("status/", views_status.StatusView.as_view(), name="status"),
    path("status/trend/", views_status.TrendView.as_view(), name="trend"),
    path("status/grid/", views_status.GridView.as_view(), name="grid"),
    path("status/compare/", views_status.CompareView.as_view(), name="compare"),
    path("status/report/", views_report.PeriodReportView.as_view(), name="report"),
    path("status/agreement/", views_status.AgreementView.as_view(), name="agreement"),
    path("codes/", views_site.CodesView.as_view(), name="codes"),
    path("problems/", views_site.ProblemTypesView.as_view(), name="problem-list"),
    path("problems/<slug:slug>/", views_site.ProblemTypeView.as_view(), name="problem-detail"),
    path("me/", views_site.MeView.as_view(), name="me"),
    path(
        "commitments/<name:code>/history/",
        views_history.CommitmentHistoryView.as_view(),
        name="commitment-history",
    ),
    path(
        "plans/<name:code>/history/", views_history.PlanHistoryView.as_view(), name="plan-history"
    ),
    path(
        "forums/<name:code>/history/",
        views_history.ForumHistoryView.as_view(),
        name="forum-history",
    ),
    path(
        "offices/<name:code>/history/",
        views_history.OfficeHistoryView.as_view(),
        name="office-history",
    ),
    path("updates/<int:pk>/content/", views_ledger.ContentView.as_view(), name="update-content"),
    path("dump/", views_dump.DumpView.as_view(), name="dump"),
    path("changes/", views_changes.ChangesView.as_view(), name="changes"),
    path(
        "contents/<subject:subject_type>/<key:key>/",
        views_ledger.SubjectContentView.as_view(),
        name="subject-content",
    ),
    path("data/<name:code>/", views_data.DataIndexView.as_view(), name="data"),
    path(
        "data/<name:code>/datapackage.json",
        views_data.DataPackageView.as_view(),
        name="data-package",
    ),
    path(
        "data/<name:code>/snapshots/<slug:quarter>.zip",
        views_data.SnapshotView.as_view(),
        name="data-snapshot",
    ),
    path(
        "data/<name:code>/<slug:table>.csv", views_data.DataTableView.as_view(), name="data-table"
    ),
    path("ledger/", views_ledger.LedgerView.as_view(), name="ledger"),
    path("ledger/head/", views_ledger.HeadView.as_view(), name="ledger-head"),
    path("ledger/checkpoint/", views_proofs.CheckpointView.as_view(), name="ledger-checkpoint"),
    path("ledger/key/", views_proofs.KeyView.as_view(), name="ledger-key"),
    path("ledger/proof/", views_proofs.InclusionView.as_view(), name="ledger-proof"),
    path("ledger/consistency/", views_proofs.ConsistencyView.as_view(), name="ledger-consistency"),
    path("ledger/tile/<tile:tile>", views_proofs.TileView.as_view(), name="ledger-tile"),
    path("updates/<int:pk>/proof/", views_proofs.UpdateProofView.as_view(), name="update-proof"),
    path("auth/login/", views_tokens.LoginView.as_view(), name="login"),
    path("auth/logout/", views_tokens.LogoutView.as_view(), name="logout"),
    path("schema/", views_site.SchemaView.as_view(), name="schema"),
    path("docs/", views_site.DocsView.as_view(url_name="api:schema"), name="docs"),
]
