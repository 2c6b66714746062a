"""Webhooks: their subscribers, and signed requests to them (Standard Webhooks)."""
