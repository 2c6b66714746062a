"""Requests to the admin that no form sends: ids that are none, filters that are not offered."""

import pytest
from django.contrib import admin
from django.urls import reverse

from commitments.models import ProgressUpdate
from tests.steps import record_loaded, submitted

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("noon"),
]

VALUES = ("abc", "-1", "9" * 30, "1,2", "\x00", "é", "1 OR 1=1", "[]", "2026-13-45", "")


def names_of_filters(model):
    for entry in admin.site._registry[model].list_filter:
        if isinstance(entry, type):
            yield entry.parameter_name
        else:
            yield entry[0] if isinstance(entry, tuple) else entry


def filters_of(model):
    """Return the parameters that the filters of a list read."""
    for name in names_of_filters(model):
        yield from (name, f"{name}__exact", f"{name}__id__exact", f"{name}__isnull", f"{name}__gte")


@pytest.fixture
def client_of_administrator(client, administrator, duty, reporter):
    record_loaded(duty.plan)
    submitted(duty, reporter)
    client.force_login(administrator)
    return client


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_hand_made_ids_and_filters_are_refused_and_break_nothing(client_of_administrator, model):
    client, name = (
        client_of_administrator,
        f"admin:{model._meta.app_label}_{model._meta.model_name}",
    )
    address, broken = reverse(f"{name}_changelist"), []
    for parameter in ("q", "o", "p", "all", "_facets", "no_such", *filters_of(model)):
        for value in VALUES:
            answer = client.get(address, {parameter: value})
            if answer.status_code not in (200, 302, 400):
                broken.append((parameter, value, answer.status_code))
    for value in VALUES[:-1]:
        sent = {"action": "delete_selected", "_selected_action": value, "index": "0"}
        for action in ("delete_selected", "assign", "revoke", "give_links", "no_such"):
            answer = client.post(address, sent | {"action": action})
            if answer.status_code not in (200, 302, 400, 403):
                broken.append((action, value, answer.status_code))
        if "\x00" not in value:
            for page in ("change", "history", "delete"):
                answer = client.get(f"{address}{value}/{page}/")
                if answer.status_code not in (200, 302, 403, 404):
                    broken.append((page, value, answer.status_code))
    assert broken == []


def refused(client, address, query):
    answer = client.get(address, query)
    return answer.status_code == 302 and answer["Location"] == f"{address}?e=1"


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_no_list_is_filtered_by_what_no_filter_offers(client_of_administrator, model):
    client = client_of_administrator
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    linked = {"id", "commitment"} if model is ProgressUpdate else {"id"}
    offered = {name.partition("__")[0] for name in names_of_filters(model)} | linked
    names = {field.name for field in model._meta.get_fields()} - offered
    tried = [f"{name}{lookup}" for name in names for lookup in ("", "__startswith")]
    assert [name for name in tried if not refused(client, address, {name: "1"})] == []
    for name in ("id", "pk", "id__in"):
        assert client.get(address, {name: "1"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("auth/user", {"password__startswith": "pbkdf2"}),
        ("auth/user", {"is_active__exact": "1", "password__startswith": "pbkdf2"}),
        ("commitments/criterion", {"events": "1"}),
        ("commitments/milestone", {"updates": "1"}),
        ("commitments/forum", {"updates": "1"}),
        ("commitments/commitment", {"updates": "1"}),
        ("commitments/publisher", {"evidence": "1"}),
        ("commitments/mail", {"address__startswith": "a"}),
        ("commitments/progressupdate", {"author__password__startswith": "pbkdf2"}),
    ],
)
def test_what_is_withheld_cannot_be_read_letter_by_letter(client_of_administrator, path, query):
    assert refused(client_of_administrator, f"/admin/{path}/", query)


def test_a_list_says_that_it_ignores_a_filter(client_of_administrator):
    words = "The address had a filter that the list does not offer; all rows are shown."
    address = "/admin/auth/user/"
    answer = client_of_administrator.get(address, {"password__startswith": "x"}, follow=True)
    assert words in answer.text
    assert words not in client_of_administrator.get(address).text


def test_links_to_a_filtered_list_work(client_of_administrator, duty):
    update = ProgressUpdate.objects.get()
    address = reverse("admin:commitments_progressupdate_changelist")
    for pk, shown in ((duty.pk, [update]), (duty.pk + 1, [])):
        answer = client_of_administrator.get(address, {"commitment__id__exact": pk})
        assert list(answer.context["cl"].result_list) == shown
    for address, query in (
        ("/admin/commitments/accountrequest/", {"state__exact": "open"}),
        ("/admin/commitments/webhookattempt/", {"subscriber__id__exact": 1}),
    ):
        assert client_of_administrator.get(address, query).status_code == 200
