"""Every page of the staff side, by who opens it, in a world that has something on each."""

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse

from commitments.admin.workbench.people import password_links
from commitments.models import ProgressUpdate

# The names of the workbench's addresses at which nobody who is signed in sees a page: files,
# buttons, and the pages of those who cannot sign in or want no mail.
WITHOUT_PAGES = {
    *("evidence-preview", "staged-preview", "planning-file", "meeting-file", "calendar"),
    *("nothing-new", "nothing-to-report", "adopt-rating"),
    *("forgotten-password", "stop-mail", "copied-link"),
}


def workbench_pages(world):
    """Return the addresses of the workbench by the name of who opens them."""
    commitment, plan = world["commitment"], "/admin/planning/PLAN"
    live = ProgressUpdate.objects.published().latest("pk")
    request = RequestFactory().get("/", headers={"Host": "localhost"})
    [link] = password_links(request, [User.objects.get(username="reporter")])
    return {
        "reporter": [
            "/admin/",
            "/admin/?section=returned",
            "/admin/log/",
            "/admin/meetings/",
            f"/admin/meetings/{world['meeting'].pk}/",
            f"/admin/log/{commitment.code}/",
            f"/admin/log/{live.commitment.code}/?corrects={live.pk}",
            f"/admin/updates/{world['returned'].pk}/",
            f"/admin/updates/{world['draft'].pk}/",
            f"/admin/updates/{world['submitted'].pk}/",
            f"/admin/updates/{world['submitted'].pk}/recall/",
            "/admin/password_change/",
            "/admin/mail/",
            "/admin/calendar/",
            "/admin/second-factor/",
            "/admin/second-factor/app/",
            "/admin/second-factor/passkey/",
            link.address.removeprefix("http://localhost"),
        ],
        "reviewer": [
            "/admin/",
            "/admin/review/",
            f"/admin/review/{world['submitted'].pk}/",
            f"/admin/updates/{live.pk}/",
            f"/admin/updates/{live.pk}/retract/",
            f"/admin/updates/{live.pk}/archive/",
        ],
        "curator": [
            "/admin/",
            "/admin/planning/",
            f"{plan}/",
            f"{plan}/call/",
            f"{plan}/wording/plan/",
            f"{plan}/wording/commitment/{commitment.number}/",
        ],
        "administrator": ["/admin/people/", "/admin/status/"],
    }


def record_pages(administrator):
    """Return the addresses of the admin's own pages that an administrator may open: of each model
    the list, the form of a new row, the last row, and its history."""
    request = RequestFactory().get("/")
    request.user = administrator
    addresses = ["/admin/records/"]
    for model, pages in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses.append(reverse(f"{name}_changelist"))
        if pages.has_add_permission(request):
            addresses.append(reverse(f"{name}_add"))
        row = model._default_manager.order_by("pk").last()
        if row is not None and pages.list_display_links is not None:
            addresses.append(reverse(f"{name}_change", args=[row.pk]))
            addresses.append(reverse(f"{name}_history", args=[row.pk]))
    return addresses


def listed(client, section):
    """Return the rows of the list to which a section of the desk links, of all its pages."""
    rows, page = [], client.get(f"/admin/{section.more}").context
    while True:
        rows += [row for row, _remark in page["rows"]]
        if not page["page"].has_next():
            return rows
        number = page["page"].next_page_number()
        page = client.get(f"/admin/{section.more}&page={number}").context
