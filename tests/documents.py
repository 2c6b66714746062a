"""Documents of files, and what a load leaves behind."""

import copy

import yaml
from django.apps import apps

ABSENT = object()


class Unshared(yaml.SafeDumper):
    """Writes a value that is there twice out twice."""

    def ignore_aliases(self, data):
        return True


# An update file on the plan PLAN of the tests' world.
SOURCE = {
    "title": "Minutes",
    "publisher": "The forum",
    "url": "https://example.org/minutes",
    "kind": "meeting_record",
    "source": "independent",
}
UPDATES = {
    "format": 1,
    "plan": "PLAN",
    "notice": {"en": "Example.", "zh": "示例。"},
    "forums": [{"code": "LEAGUE", "name": {"en": "The League"}, "kind": "dialogue"}],
    "updates": [
        {
            "external_ref": "event-1",
            "commitment": "1.1",
            "effective_on": "2024-05-31",
            "date_precision": "month",
            "summary": {"en": "A meeting was held."},
            "forums": ["LEAGUE", "FORUM"],
            "evidence": [SOURCE, {**SOURCE, "title": "Note", "public": False}],
        },
        {
            "external_ref": "status-1",
            "commitment": "1.1",
            "effective_on": "2024-12-31",
            "status": "active",
            "summary": {"zh": "会议召开。"},
            "based_on": ["event-1"],
        },
        {
            "external_ref": "status-2",
            "commitment": "1.2",
            "effective_on": "2024-12-31",
            "status": "no_evidence",
            "summary": {"en": "Nothing was found."},
            "search_note": {"en": "The forum's site was searched."},
        },
    ],
}


def edited(document, *edits):
    """A copy with each `(path, value)` put in; `ABSENT` takes away."""
    document = copy.deepcopy(document)
    for path, value in edits:
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        here = document
        for step in way:
            here = here[step]
        if value is ABSENT:
            del here[last]
        elif isinstance(here, list) and last == len(here):
            here.append(value)
        else:
            here[last] = value
    return document


def written(path, content):
    """The path of a file with this content: bytes, text or a value."""
    if not isinstance(content, (str, bytes)):
        content = yaml.dump(content, Dumper=Unshared, sort_keys=False)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def everything():
    """Every row of every table of the tracker."""
    return {
        model.__name__: list(model._base_manager.order_by("pk").values())
        for model in apps.get_app_config("commitments").get_models(include_auto_created=True)
    }
