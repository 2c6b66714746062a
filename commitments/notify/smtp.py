"""Django's sending by SMTP, with more patience once a message was handed over."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

from django.core.mail.backends import smtp

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# A server may check a message before it answers. If nobody waits for its answer, it gets the same
# message again and again (RFC 5321, “Timeouts”).
MESSAGE_TIMEOUT_SECONDS = 600


class _Connection(smtplib.SMTP):
    """Waits for the answer to a message longer than for those to commands."""

    def send(self, s: ReadableBuffer | str) -> None:
        # Commands are text, and messages are bytes.
        if self.sock is not None:
            self.sock.settimeout(MESSAGE_TIMEOUT_SECONDS if isinstance(s, bytes) else self.timeout)
        super().send(s)


class _TlsConnection(_Connection, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _TlsConnection if self.use_ssl else _Connection
