"""Everything public as files that any web server, or none, can show."""

from commitments.site_export.export import export_site

__all__ = ["export_site"]
