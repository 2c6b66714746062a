"""The addresses of the workbench, within those of the admin."""

from django.urls import path
from django.views.generic import RedirectView

from commitments import converters  # noqa: F401 - registers <name:> and <plan:>
from commitments.admin.workbench.actions import ActionPage
from commitments.admin.workbench.adopting import AdoptPage
from commitments.admin.workbench.calendars import CalendarAddressPage, CalendarPage
from commitments.admin.workbench.calls import CallPage, NothingNewPage
from commitments.admin.workbench.choosing import ChoosePage
from commitments.admin.workbench.mail import (
    ForgottenPasswordPage,
    MailPreferencePage,
    StopMailPage,
)
from commitments.admin.workbench.meeting_file import MeetingFile
from commitments.admin.workbench.meetings import MeetingPage, MeetingsPage, NothingToReportPage
from commitments.admin.workbench.new_draft import NewDraftPage
from commitments.admin.workbench.people import PeopleSheetPage, SetPasswordPage
from commitments.admin.workbench.planning import PlanningHome, PlanningPage
from commitments.admin.workbench.planning_file import PlanningFile
from commitments.admin.workbench.preview import PreviewPage, StagedPreviewPage
from commitments.admin.workbench.review import QueuePage, ReviewPage
from commitments.admin.workbench.site_status import SiteStatusPage
from commitments.admin.workbench.update_page import UpdatePage
from commitments.admin.workbench.wording import WordingPage

urlpatterns = [
    path("log/", ChoosePage.as_view(), name="log"),
    path("log/<name:code>/", NewDraftPage.as_view(), name="log-new"),
    path("log/<name:code>/nothing-new/", NothingNewPage.as_view(), name="nothing-new"),
    path("planning/<plan:code>/call/", CallPage.as_view(), name="report-call"),
    path("updates/<int:pk>/", UpdatePage.as_view(), name="update"),
    path("updates/<int:pk>/<slug:action>/", ActionPage.as_view(), name="update-action"),
    path("evidence/<int:pk>/preview/", PreviewPage.as_view(), name="evidence-preview"),
    path("evidence/waiting/<str:token>/", StagedPreviewPage.as_view(), name="staged-preview"),
    path("people/", PeopleSheetPage.as_view(), name="people-sheet"),
    path("mail/", MailPreferencePage.as_view(), name="mail"),
    path("mail/stop/<str:token>/", StopMailPage.as_view(), name="stop-mail"),
    path("password/", ForgottenPasswordPage.as_view(), name="forgotten-password"),
    path("password/<uidb64>/<token>/", SetPasswordPage.as_view(), name="set-password"),
    # Mail programs sometimes drop the last character of a link, here the slash.
    path(
        "password/<uidb64>/<token>",
        RedirectView.as_view(pattern_name="admin:set-password"),
        name="copied-link",
    ),
    path("planning/", PlanningHome.as_view(), name="planning-home"),
    path("planning/<plan:code>/", PlanningPage.as_view(), name="planning"),
    path(
        "planning/<plan:code>/sheet.<slug:extension>",
        PlanningFile.as_view(),
        name="planning-file",
    ),
    path(
        "planning/<plan:code>/wording/plan/",
        WordingPage.as_view(),
        {"part": "plan"},
        name="plan-wording",
    ),
    path(
        "planning/<plan:code>/wording/<slug:part>/<name:number>/",
        WordingPage.as_view(),
        name="wording",
    ),
    path("status/", SiteStatusPage.as_view(), name="site-status"),
    path("meetings/", MeetingsPage.as_view(), name="meetings"),
    path("meetings/<int:pk>/", MeetingPage.as_view(), name="meeting"),
    path(
        "meetings/<int:pk>/nothing-to-report/",
        NothingToReportPage.as_view(),
        name="nothing-to-report",
    ),
    path("calendar/", CalendarAddressPage.as_view(), name="calendar-address"),
    path("calendar/<str:token>.ics", CalendarPage.as_view(), name="calendar"),
    path("meetings/<int:pk>/file/", MeetingFile.as_view(), name="meeting-file"),
    path("review/", QueuePage.as_view(), name="review"),
    path("review/<int:pk>/", ReviewPage.as_view(), name="review-update"),
    path(
        "updates/<int:pk>/ratings/<int:rating>/adopt/",
        AdoptPage.as_view(),
        name="adopt-rating",
    ),
]
