"""Keep what tests of later versions start from (`make freeze`): the migrations of this version, the
rows and a backup of a site that its code has made, and what it promises to programs. Until the
version has a tag, it may be kept anew.

    python -m tests.release.freeze
"""

import os
import sys
import tempfile

import django

from commitments import __version__
from tools import migrations
from tools.release import KEPT, freeze_refusals, frozen_archive, frozen_database, frozen_promises


def main():
    found = list(freeze_refusals(__version__))
    if found:
        print("\n".join(found), file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/site.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "tracker.settings"
        import tests.environment  # noqa: PLC0415, F401 - keeps the address that is set

        django.setup()
        from tests.release.frozen import freeze, freeze_archive, migrate  # noqa: PLC0415 - after django.setup()
        from tests.release.promised import write_promised  # noqa: PLC0415
        from tests.release.site import LOADED, make_site  # noqa: PLC0415

        migrate()
        make_site()
        migrations.write(__version__)
        freeze(frozen_database(__version__), __version__)
        freeze_archive(frozen_archive(__version__), LOADED)
        write_promised(frozen_promises(__version__))
    print("Wrote", *(kept(__version__) for kept in KEPT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
