"""The secret addresses at which people read their own calendars."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from commitments.models.base import BaseModel


class CalendarAddress(BaseModel):
    """A person's calendar has an address as long as the person has such a row. The address is
    signed over `key` (`access.calendar_links`), so it cannot be derived from the database alone; a
    new key ends it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="calendar_address",
        verbose_name=_("person"),
    )
    key = models.CharField(_("key"), max_length=32)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return str(self.user)
