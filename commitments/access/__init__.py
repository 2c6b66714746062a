"""Permissions, and the access tokens with which programs sign in."""
