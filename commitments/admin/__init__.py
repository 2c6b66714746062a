"""The admin, in which staff work. `site` is its site, `registry` imports all its pages."""
