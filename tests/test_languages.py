"""A language is a catalogue of the interface, or words in a plan; no code names one."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.core.management import call_command

from commitments.api import read_serializers
from tests.other_languages import load_plan_of

pytestmark = pytest.mark.alike

# Tags of the interface, of the plans that ship and of those in tests; columns of pairs; names.
NAMED = re.compile(
    r"""["'](en|zh|zh[-_]hans|es|fr|ar|pt|ja)["']|_(en|zh)\b|\b(English|Chinese|中文|英文)\b""",
    re.IGNORECASE,
)
# The one line that lists the languages of the interface, and the default one.
SETTING = re.compile(r'^(LANGUAGE_CODE = "en"|LANGUAGES = \[.*\])$', re.MULTILINE)


@pytest.mark.long
def test_no_code_names_a_language():
    suffixes = {".py", ".html", ".css", ".js", ".json", ".txt", ".xml"}
    found = []
    for path in (*Path("commitments").rglob("*"), *Path("tracker").rglob("*")):
        if path.suffix in suffixes and "locale" not in path.parts:
            text = path.read_text(encoding="utf-8")
            text = SETTING.sub("", text) if path == Path("tracker/settings.py") else text
            found += [f"{path}: {line}" for line in text.splitlines() if NAMED.search(line)]
    assert found == []


# What a template leaves to translations: blocks of text, and what is not read as text.
TRANSLATED = re.compile(
    r"\{#.*?#\}|\{% blocktranslate.*?endblocktranslate %\}|<(pre|code|script)\b.*?</\1>", re.DOTALL
)
WESTERN_SIGN = re.compile(r" \(\{\{|[}>][:,;] ")


def test_brackets_and_colons_around_values_are_those_of_the_language():
    found = []
    for path in Path("commitments/templates").rglob("*.html"):
        text = TRANSLATED.sub("", path.read_text(encoding="utf-8"))
        found += [f"{path}: {line}" for line in text.splitlines() if WESTERN_SIGN.search(line)]
    assert found == []


@pytest.fixture
def spanish(settings, tmp_path, monkeypatch):
    """The interface has a third language: a line of the settings, and a catalogue."""
    catalogue = Path("tests/data/locale/es/LC_MESSAGES/django.po")
    target = tmp_path / "es" / "LC_MESSAGES"
    target.mkdir(parents=True)
    with catalogue.open("rb") as source, (target / "django.mo").open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="es"))
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [*settings.LANGUAGES, ("es", "Spanish")]
    # A process reads its languages once.
    monkeypatch.setattr(read_serializers, "_KEPT", type(read_serializers._KEPT)())


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.usefixtures("spanish", "a_day_later")
def test_a_language_of_the_interface_is_a_catalogue_and_a_line(client, reporter, reviewer):
    load_plan_of("VALLE", reporter, reviewer)
    page = client.get("/es/VALLE/commitments/2.1/").text
    assert '<html lang="es" dir="ltr">' in page
    assert ">Resumen</a>" in page
    assert "1 de junio de 2026" in page
    # The plan is in the reader's own language now, which needs no mark.
    assert '<span itemprop="name">Convocar cada año la Mesa del Agua</span>' in page
    assert 'lang="en" dir="ltr" hreflang="en">English</a>' in page
    assert 'hreflang="es" href="http://testserver/es/VALLE/commitments/2.1/"' in page
    assert '<span lang="es" dir="ltr" aria-current="true">español</span>' in page

    page = client.get("/en/VALLE/commitments/2.1/").text
    assert 'hreflang="es">español</a>' in page

    statuses = client.get("/api/v1/codes/").json()["statuses"]
    labels = {row["code"]: row["label"] for row in statuses}
    assert labels["active"] == {"en": "Active", "zh-Hans": "持续履行", "es": "En cumplimiento"}
    answer = client.get("/api/v1/commitments/VALLE-2.1/").json()
    assert answer["status"]["label"]["es"] == "En cumplimiento"

    table = b"".join(client.get("/api/v1/commitments/export/?format=csv").streaming_content)
    assert "status_label_es" in table.decode().splitlines()[0]
    assert "En cumplimiento" in table.decode()


@pytest.mark.long
@pytest.mark.django_db
def test_the_api_describes_texts_by_tag_and_names_no_language():
    output = StringIO()
    call_command("spectacular", format="openapi-json", stdout=output)
    text = json.loads(output.getvalue())["components"]["schemas"]["Text"]
    assert "properties" not in text
    assert re.fullmatch(text["propertyNames"]["pattern"], "zh-Hans")
    assert not re.fullmatch(text["propertyNames"]["pattern"], "zh_hans")
