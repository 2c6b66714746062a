"""Linters find nothing wrong with the OpenAPI document, and clients in TypeScript, made of it by
three generators, compile in strict mode and read from the tracker; the recipe for Excel is parsed.
Needs npm (Debian's nodejs and npm) and a registry of its packages."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from tests import steps, tours
from tests.factories import CommitmentFactory

pytestmark = [
    pytest.mark.alike,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
]

SOURCES = Path(__file__).parents[1] / "typescript"
[RECIPE] = [
    block
    for block in tours.code_blocks(Path("docs/api.md").read_text(encoding="utf-8"), "ts")
    if "fetch(next)" in block
]
# How each client is made; "{host}" is the address of the tracker.
GENERATORS = {
    "openapi_fetch": ["openapi-typescript", "schema.json", "-o", "schema.ts"],
    "hey_api": ["openapi-ts", "-i", "schema.json", "-o", "hey_client"],
    "orval": ["orval", "--config", "orval.json"],
}
STRICT = ["--strict", "--noEmit", "--target", "es2022", "--module", "es2022"]
RESOLVED = ["--moduleResolution", "bundler", "--skipLibCheck", "--types", "node"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the document and the packages."""
    made = tmp_path_factory.mktemp("typescript")
    shutil.copytree(SOURCES, made, dirs_exist_ok=True)
    call_command("spectacular", file=str(made / "schema.json"), format="openapi-json")
    run(made, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
    return made


def run(folder, program, *arguments, given=None):
    """What a program prints that is given this; installed packages come first."""
    own = folder / "node_modules" / ".bin" / program
    done = subprocess.run(
        [str(own) if own.exists() else program, *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_linters_find_no_error(folder):
    run(folder, "redocly", "lint", "schema.json", "--config", "redocly.yaml")
    run(folder, "spectral", "lint", "schema.json", "--ruleset", "spectral.yaml", "-F", "warn")


def test_the_recipe_for_excel_is_power_query(folder):
    page = Path("docs/api.md").read_text(encoding="utf-8")
    [recipe] = tours.code_blocks(page, "powerquery")
    run(folder, "node", "power_query.mjs", given=recipe)
    with pytest.raises(AssertionError, match="Expected to find"):
        run(folder, "node", "power_query.mjs", given=recipe.replace("let", "let let"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("name", GENERATORS)
def test_a_client_compiles_and_reads(name, folder, live_server, plan, duty, reporter, reviewer):
    steps.published(duty, reporter, reviewer, status="active", evidence=[steps.RESOLUTION])
    CommitmentFactory(plan=plan, number="9.9", position=99)
    target = {"target": "orval/client.ts", "client": "fetch", "baseUrl": live_server.url}
    config = {"tracker": {"input": "schema.json", "output": target}}
    (folder / "orval.json").write_text(json.dumps(config))
    run(folder, *GENERATORS[name])
    run(folder, "tsc", *STRICT, *RESOLVED, f"{name}.ts")
    bundle = ["--bundle", "--platform=node", "--format=esm", f"--outfile={name}.mjs"]
    run(folder, "esbuild", f"{name}.ts", *bundle)
    codes, errors = json.loads(run(folder, "node", f"{name}.mjs", live_server.url))
    assert codes == [f"{duty.code} active {duty.title['en']}"]
    assert errors == ["not_allowed"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("noon")
def test_a_client_writes_sends_a_file_and_exports(folder, live_server, plan, duty, reporter):
    run(folder, *GENERATORS["openapi_fetch"])
    run(folder, "tsc", *STRICT, *RESOLVED, "writing.ts")
    bundle = ["--bundle", "--platform=node", "--format=esm", "--outfile=writing.mjs"]
    run(folder, "esbuild", "writing.ts", *bundle)
    printed = run(folder, "node", "writing.mjs", live_server.url, steps.token(reporter))
    late, state, digest, table = json.loads(printed)
    assert (late, state) == (412, "submitted")
    assert digest == hashlib.sha256(b"Four drains were closed.\n").hexdigest()
    assert duty.code in table


@pytest.mark.django_db(transaction=True)
def test_the_recipe_prints_the_statuses_of_all_pages(folder, live_server, iscc, get):
    recipe = RECIPE.replace(tours.PRINTED_HOST, live_server.url)
    (folder / "status.ts").write_text(f"{recipe}\nexport {{}};\n", encoding="utf-8")
    run(folder, "tsc", *STRICT, *RESOLVED, "status.ts")
    run(folder, "esbuild", "status.ts", "--format=esm", "--outfile=status.mjs")
    rows = get("commitments/?plan=ISCC&area=7")["results"]
    assert len(rows) == 6
    expected = [f"{row['code']} unassessed null null {row['title']['en']}" for row in rows]
    assert run(folder, "node", "status.mjs").splitlines() == expected
