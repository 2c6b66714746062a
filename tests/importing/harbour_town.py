"""The plan of the harbour town."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from tests.words import en_zh

HARBOUR = Path(__file__).parents[1] / "data" / "harbour.yaml"
DRAINS = "The four storm drains that still end in the harbour will be closed."
THREE_DRAINS = "The three storm drains that still end in the harbour will be closed."
# Of an update: the plan of the harbour town is in English alone.
SUMMARY = en_zh("A meeting was held.")


def load_plan(file, **options):
    out = StringIO()
    call_command("load_plan", str(file), stdout=out, **options)
    return out.getvalue()


def item(document, number):
    [row] = [row for row in document["commitments"] if row["number"] == number]
    return row
