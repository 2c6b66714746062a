"""Documents of files, and what a load leaves behind."""

import copy

import yaml
from django.apps import apps

ABSENT = object()


class Unshared(yaml.SafeDumper):
    """Writes a value that is there twice out twice."""

    def ignore_aliases(self, data):
        return True


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
        model.__name__: list(model.objects.order_by("pk").values())
        for model in apps.get_app_config("commitments").get_models(include_auto_created=True)
    }
