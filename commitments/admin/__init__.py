"""The admin, in which staff work: `workbench` for the work on updates, `records` for the lists and
forms of all records, `sign_in`, and `base`, on which these build. `site` puts them together;
`registry` imports the pages of all records."""
