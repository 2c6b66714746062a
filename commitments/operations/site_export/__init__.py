"""Everything public as files, which can be read with any web server or none, and in one file."""

from commitments.operations.site_export.dump import dump_is_due, make_dump
from commitments.operations.site_export.export import export_site

__all__ = ["dump_is_due", "export_site", "make_dump"]
