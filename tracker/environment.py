"""The variables of the environment, those of a `.env` file, and the folder where that file is.

It is the folder of manage.py in a checkout. For an installed package it is the one in which the
command is run, since each new version replaces the package's own folder.
"""

from pathlib import Path

from tracker.variables import Variables

_source = Path(__file__).resolve().parent.parent
BASE_DIR = _source if (_source / "manage.py").is_file() else Path.cwd()

ENV_FILE = BASE_DIR / ".env"

env = Variables()
Variables.read_file(ENV_FILE)
