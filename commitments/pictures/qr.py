"""Addresses as QR codes."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(address: str) -> SafeString:
    """Return a QR code as inline SVG, dark on light, with the quiet zone that readers need. The
    address is printed beside it, so it has no text alternative."""
    code = segno.make_qr(address, error="m")
    # The markup consists of numbers only and contains nothing of the address.
    return mark_safe(  # noqa: S308
        code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff", svgclass="qr")
    )
