"""Lists and forms of all records, where the workbench has no page for the work."""
