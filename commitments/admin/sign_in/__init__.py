"""Signing in: passwords, second factors and single sign-on."""
