"""The command line: `manage.py` of a checkout, and `commitment-tracker` where that is installed."""

import os
import sys

from django.core.management import execute_from_command_line

from tracker.release import release


def main() -> None:
    """Run the command that the arguments name. `--version` is the tracker's, not Django's."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    if sys.argv[1:] in (["--version"], ["version"]):
        print(f"commitment-tracker {release()}")
        return
    execute_from_command_line(sys.argv)
