"""Keep what tests of later upgrades start from (`make freeze`): the migrations of this version, and
the rows of a site that its code has made.

    python -m tests.release.freeze
"""

import os
import tempfile

import django

from commitments import __version__
from tools import migrations
from tools.release import frozen_database


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/site.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "tracker.settings"
        import tests.environment  # noqa: PLC0415, F401 - keeps the address that is set

        django.setup()
        from tests.release.frozen import freeze, migrate  # noqa: PLC0415 - after django.setup()
        from tests.release.site import make_site  # noqa: PLC0415

        migrate()
        make_site()
        migrations.write()
        freeze(frozen_database(__version__), __version__)
    print(f"Wrote {migrations.DIGESTS} and {frozen_database(__version__)}.")


if __name__ == "__main__":
    main()
