"""The admin, in which staff work: `workbench` for the work on updates, `records` the lists and
forms of what is recorded, `sign_in`, and `base`, on which these build. `site` puts them together;
`registry` imports the pages of all records."""
