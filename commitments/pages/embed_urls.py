"""URLs of cards and badges, below `/embed/` and the language."""

from django.urls import path

from commitments import converters  # noqa: F401 - registers <plan:> and <name:>
from commitments.pages import embeds

app_name = "embed"

urlpatterns = [
    path("<plan:plan>/", embeds.WholePlanCard.as_view(), name="plan"),
    path("<plan:plan>/badge.svg", embeds.GroupBadge.as_view(), name="plan-badge"),
    path(
        "<plan:plan>/forums/<name:code>/badge.svg",
        embeds.ForumBadge.as_view(),
        name="forum-badge",
    ),
    path("<plan:plan>/forums/<name:code>/", embeds.ForumCard.as_view(), name="forum"),
    path(
        "<plan:plan>/commitments/<name:number>/",
        embeds.CommitmentCard.as_view(),
        name="commitment",
    ),
    path(
        "<plan:plan>/commitments/<name:number>/badge.svg",
        embeds.BadgePage.as_view(),
        name="commitment-badge",
    ),
]
