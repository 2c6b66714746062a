"""Plans in languages other than those of the interface, with one published update on each.

All are invented; their files are in tests/data/.
"""

from datetime import date

from commitments.importing import plan_file, plan_load
from commitments.models import Commitment, Forum
from commitments.texts.text import Text
from tests.steps import NOW, published


def source(language, title, publisher):
    return {
        "title": Text(title),
        "publisher": Text(publisher),
        "language": language,
        "url": "https://example.org/source",
        "kind": "report",
        "source": "independent",
    }


PROGRESS = {
    "VALLE": {
        "number": "2.1",
        "forum": "MESA-DEL-AGUA",
        "summary": {"es": "La Mesa del Agua se reunió en febrero."},
        "evidence": [
            source("es", {"es": "Acta de la Mesa del Agua"}, {"es": "Mesa del Agua del Valle"})
        ],
    },
    "OASIS": {
        "number": "2.1",
        "forum": "OASIS-COUNCIL",
        "summary": {
            "ar": "شارك المجلس في ملتقى الواحات (2026).",
            "fr": "Le conseil a participé à la Rencontre des oasis.",
        },
        "evidence": [
            source(
                "ar",
                {"ar": "بيان ملتقى الواحات", "fr": "Communiqué de la Rencontre des oasis"},
                {"ar": "ملتقى الواحات", "fr": "Rencontre des oasis"},
            ),
            source("en", {"en": "Oases: a survey"}, {"en": "Institute of Dry Lands"})
            | {"url": "https://example.org/survey"},
        ],
    },
    "ISLANDS": {
        "number": "2",
        "forum": "FISHING-TABLE",
        "summary": {"ja": "議会は円卓会議に参加した。", "pt": "A assembleia participou na mesa."},
        "evidence": [
            source("pt", {"pt": "Ata da mesa", "ja": "議事録"}, {"en": "Fishing Round Table"})
        ],
    },
}


def load_plan_of(code, reporter, reviewer):
    """Load one of the plans, publish an update on it, and return the update."""
    path = f"tests/data/{code.lower()}.yaml"
    plan_load.load_plan(plan_file.read_plan_file(path).value, at=NOW)
    progress = dict(PROGRESS[code])
    commitment = Commitment.objects.get(plan__code=code, number=progress.pop("number"))
    forum = Forum.objects.get(code=progress.pop("forum"))
    return published(
        commitment,
        reporter,
        reviewer,
        status="active",
        effective_on=date(2026, 6, 1),
        forums=[forum],
        summary=Text(progress["summary"]),
        evidence=progress["evidence"],
    )
