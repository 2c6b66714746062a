"""Requests to the admin that no form sends: ids that are none, filters that are not offered."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.steps import record_loaded, submitted

pytestmark = [
    pytest.mark.long,
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("noon"),
]

VALUES = ("abc", "-1", "9" * 30, "1,2", "\x00", "é", "1 OR 1=1", "[]", "2026-13-45", "")


def filters_of(model):
    """Return the parameters that the filters of a list read."""
    pages = admin.site._registry[model]
    for entry in pages.list_filter:
        if isinstance(entry, type):
            yield entry.parameter_name
            continue
        name = entry[0] if isinstance(entry, tuple) else entry
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
