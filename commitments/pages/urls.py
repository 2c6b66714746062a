"""URLs of the public pages, below the language."""

from django.urls import path

from commitments import converters  # noqa: F401 - registers <plan:> and <name:>
from commitments.choices import SubjectType
from commitments.pages import (
    accessibility,
    changes,
    commitments,
    data,
    events,
    feeds,
    following,
    forums,
    groups,
    history,
    home,
    ledger,
    meetings,
    methodology,
    offices,
    over_time,
    overview,
    pictures,
    reports,
    search,
)

app_name = "pages"

urlpatterns = [
    path("", home.HomePage.as_view(), name="plans"),
    path("search/", search.SearchPage.as_view(), name="search-all"),
    path("ledger/", ledger.LedgerPage.as_view(), name="ledger"),
    path("following/<str:token>/", following.FollowingsPage.as_view(), name="followings"),
    path("accessibility/", accessibility.AccessibilityPage.as_view(), name="accessibility"),
    path("<plan:plan>/", overview.OverviewPage.as_view(), name="overview"),
    path("<plan:plan>/commitments/", commitments.CommitmentsPage.as_view(), name="commitments"),
    path(
        "<plan:plan>/commitments/<name:number>/",
        commitments.CommitmentPage.as_view(),
        name="commitment",
    ),
    path(
        "<plan:plan>/commitments/<name:number>/history/",
        history.HistoryPage.as_view(subject_type=SubjectType.COMMITMENT),
        name="commitment-history",
    ),
    path(
        "<plan:plan>/history/",
        history.HistoryPage.as_view(subject_type=SubjectType.PLAN),
        name="plan-history",
    ),
    path("<plan:plan>/goals/<int:number>/", groups.GoalPage.as_view(), name="goal"),
    path(
        "<plan:plan>/goals/<int:number>/history/",
        history.HistoryPage.as_view(subject_type=SubjectType.GOAL),
        name="goal-history",
    ),
    path("<plan:plan>/areas/<int:number>/", groups.AreaPage.as_view(), name="area"),
    path(
        "<plan:plan>/areas/<int:number>/history/",
        history.HistoryPage.as_view(subject_type=SubjectType.AREA),
        name="area-history",
    ),
    path("<plan:plan>/forums/", forums.ForumsPage.as_view(), name="forums"),
    path("<plan:plan>/forums/<name:code>/", forums.ForumPage.as_view(), name="forum"),
    path(
        "<plan:plan>/forums/<name:code>/history/",
        history.HistoryPage.as_view(subject_type=SubjectType.FORUM),
        name="forum-history",
    ),
    path("<plan:plan>/forums/<name:code>/brief/", forums.BriefPage.as_view(), name="brief"),
    path(
        "<plan:plan>/forums/<name:code>/meetings.ics",
        meetings.ForumMeetingsFile.as_view(),
        name="forum-meetings-file",
    ),
    path("<plan:plan>/meetings/", meetings.PublicMeetingsPage.as_view(), name="meetings"),
    path("<plan:plan>/meetings.ics", meetings.MeetingsFile.as_view(), name="meetings-file"),
    path("<plan:plan>/meetings/<int:pk>/", meetings.PublicMeetingPage.as_view(), name="meeting"),
    path(
        "<plan:plan>/meetings/<int:pk>.ics",
        meetings.MeetingCalendarFile.as_view(),
        name="meeting-file",
    ),
    path("<plan:plan>/offices/", offices.OfficesPage.as_view(), name="offices"),
    path("<plan:plan>/offices/<name:code>/", offices.OfficePage.as_view(), name="office"),
    path(
        "<plan:plan>/offices/<name:code>/history/",
        history.HistoryPage.as_view(subject_type=SubjectType.OFFICE),
        name="office-history",
    ),
    path("<plan:plan>/matrix/", groups.MatrixPage.as_view(), name="matrix"),
    path("<plan:plan>/events/", events.EventsPage.as_view(), name="events"),
    path("<plan:plan>/time/", over_time.TimePage.as_view(), name="time"),
    path("<plan:plan>/time.csv", over_time.TimeFile.as_view(), name="time-file"),
    path("<plan:plan>/report/", reports.ReportPage.as_view(), name="report"),
    path("<plan:plan>/report.docx", reports.ReportDocx.as_view(), name="report-docx"),
    path("<plan:plan>/report.xlsx", reports.ReportXlsx.as_view(), name="report-xlsx"),
    path("<plan:plan>/changes/", changes.ChangesPage.as_view(), name="changes"),
    path("<plan:plan>/changes/<int:seq>/", changes.ChangePage.as_view(), name="change"),
    path("<plan:plan>/changes.atom", feeds.ChangesFeed(), name="changes-feed"),
    path("<plan:plan>/goals/<int:number>/changes.atom", feeds.GoalFeed(), name="goal-feed"),
    path("<plan:plan>/forums/<name:code>/changes.atom", feeds.ForumFeed(), name="forum-feed"),
    path(
        "<plan:plan>/commitments/<name:number>/changes.atom",
        feeds.CommitmentFeed(),
        name="commitment-feed",
    ),
    path("<plan:plan>/follow/", following.FollowPage.as_view(), name="follow"),
    *(
        path(
            f"<plan:plan>/{address}/follow/",
            following.FollowPage.as_view(subject_type=subject_type),
            name=f"{subject_type}-follow",
        )
        for subject_type, address in (
            (SubjectType.GOAL, "goals/<int:number>"),
            (SubjectType.FORUM, "forums/<name:code>"),
            (SubjectType.COMMITMENT, "commitments/<name:number>"),
        )
    ),
    path("<plan:plan>/search/", search.PlanSearchPage.as_view(), name="search"),
    path("<plan:plan>/data/", data.DataPage.as_view(), name="data"),
    path("<plan:plan>/grid.svg", pictures.GridSheetPage.as_view(), name="grid-svg"),
    path("<plan:plan>/grid.png", pictures.GridSheetPage.as_view(as_png=True), name="grid-png"),
    path("<plan:plan>/years.svg", pictures.YearsSheetPage.as_view(), name="years-svg"),
    path("<plan:plan>/years.png", pictures.YearsSheetPage.as_view(as_png=True), name="years-png"),
    path("<plan:plan>/share.png", pictures.SharePicturePage.as_view(), name="plan-picture"),
    path(
        "<plan:plan>/commitments/<name:number>/share.png",
        pictures.CommitmentSharePicture.as_view(),
        name="commitment-picture",
    ),
    *(
        path(
            f"<plan:plan>/{address}/share.png",
            pictures.SharePicturePage.as_view(group=group),
            name=f"{group}-picture",
        )
        for group, address in (
            ("goal", "goals/<int:number>"),
            ("area", "areas/<int:number>"),
            ("forum", "forums/<name:code>"),
            ("office", "offices/<name:code>"),
        )
    ),
    path("<plan:plan>/methodology/", methodology.MethodologyPage.as_view(), name="methodology"),
]
