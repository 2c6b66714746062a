"""The public pages: the same for everybody, whoever is signed in."""
