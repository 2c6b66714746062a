"""Webhooks: those to whom changes are sent, and signed requests to them (Standard Webhooks)."""
