"""Whether the static files that pages refer to are where the site serves them from."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

STATIC_FOLDER = Path(__file__).resolve().parent.parent / "static"


def missing_static_files() -> list[str]:
    """Return those of our static files that `collectstatic` has not collected or that have been
    deleted since; none if they are served from the source. A page that refers to a missing file
    fails with status 500."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return []
    made = staticfiles_storage.hashed_files
    files = (path for path in STATIC_FOLDER.rglob("*") if path.is_file())
    names = sorted(path.relative_to(STATIC_FOLDER).as_posix() for path in files)
    return [
        name for name in names if name not in made or not staticfiles_storage.exists(made[name])
    ]
