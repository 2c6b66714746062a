"""The variables of the environment, those of a `.env` file, and the folder in which that is.

It is the folder of manage.py in a checkout. Of an installed package it is the one in which the
command is run: what the package's own folder holds is replaced by each new version.
"""

from pathlib import Path

from tracker.variables import Variables

_source = Path(__file__).resolve().parent.parent
BASE_DIR = _source if (_source / "manage.py").is_file() else Path.cwd()

env = Variables()
Variables.read_env(BASE_DIR / ".env")
