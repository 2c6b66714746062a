"""The README's tour and the recipes of docs/api.md print what they show, on a running server."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
import time_machine

from tests import steps, tours
from tests.factories import User

pytestmark = [
    pytest.mark.alike,
    pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl"),
]

README = Path("README.md").read_text(encoding="utf-8")
TOUR = README[README.index("## Tour") : README.index("## Other plans")]
API = Path("docs/api.md").read_text(encoding="utf-8")
RECIPES = API[API.index("## Recipes") : API.index("## Python client")]
BASH = ("bash", "-e", "-c")


@pytest.fixture
def running(live_server, tmp_path):
    with time_machine.travel("2026-11-25T12:00:00Z"):
        tours.load_like_make_run(tmp_path)
        yield live_server


@pytest.mark.long
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_tour_prints_what_the_readme_says(running, tmp_path):
    script = "\n".join(tours.code_blocks(TOUR, "sh"))
    assert tours.run_script(BASH, script, tmp_path, running) == "".join(tours.code_blocks(TOUR, ""))


@pytest.mark.long
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_recipes_print_what_the_documentation_says(running, tmp_path):
    shell, _, python = RECIPES.partition("### Python\n")
    script = "\n".join(tours.code_blocks(shell, "sh"))
    assert tours.run_script(BASH, script, tmp_path, running) == "".join(
        tours.code_blocks(shell, "")
    )
    script = "\n".join(tours.code_blocks(python, "python"))
    known = {"HOST": str(running), "TOKEN": steps.token(User.objects.get(username="reporter"))}
    printed = tours.run_script(
        (sys.executable, "-c"), script, tmp_path, running, **os.environ, **known
    )
    assert printed == "".join(tours.code_blocks(python, ""))


def test_every_recipe_is_run():
    outside = re.findall(r"^```(sh|python)$", API[: API.index("## Recipes")], re.MULTILINE)
    assert outside == []
