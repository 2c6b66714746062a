"""A reader who follows by mail, in tests."""

SITE = "https://tracker.example.org"
READER = "reader@example.org"
FOLLOW = "/en/PLAN/follow/"
