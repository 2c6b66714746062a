"""The links of an exported page."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

_ADDRESSES = ("href", "src")
# Relations of a `<link>` that make a browser load it. The others name addresses for search engines.
_LOADED = {"stylesheet", "icon"}
_CSS_URL = re.compile(r"""url\((["']?)(?P<address>[^"')]+)\1\)""")

_Link = Callable[[str], str]


def with_links(html: str, exported: _Link, on_site: _Link, notice: str) -> str:
    """Return a page with a notice before its main part and with its addresses replaced: `exported`
    gives those of links, pictures and files that browsers load, `on_site` those of forms and those
    for search engines."""
    page = _Page(exported, on_site, notice)
    page.feed(html)
    page.close()
    return "".join(page.written)


def addresses_in_css(css: str) -> list[str]:
    """Return the addresses that a style sheet loads, except embedded pictures."""
    found = [match["address"] for match in _CSS_URL.finditer(css)]
    return [address for address in found if not address.startswith("data:")]


class _Page(HTMLParser):
    """Copies a page while reading it. Only tags with addresses are rewritten."""

    def __init__(self, exported: _Link, on_site: _Link, notice: str) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._exported, self._on_site, self._notice = exported, on_site, notice

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main":
            self.written.append(self._notice)
        self.written.append(self._tag(tag, dict(attrs)))

    handle_startendtag = handle_starttag

    def _tag(self, tag: str, attributes: dict[str, str | None]) -> str:
        changed = dict(attributes)
        if tag == "form":
            changed["action"] = self._on_site(attributes.get("action") or "")
        stays = tag == "link" and _LOADED.isdisjoint((attributes.get("rel") or "").split())
        for name in _ADDRESSES:
            address = attributes.get(name)
            if address and not address.startswith("#"):
                changed[name] = self._on_site(address) if stays else self._exported(address)
        text = self.get_starttag_text() or ""
        if changed == attributes:
            return text
        end = " />" if text.endswith("/>") else ">"
        return f"<{tag}{''.join(map(_written, changed.items()))}{end}"

    def handle_endtag(self, tag: str) -> None:
        self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.written.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.written.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.written.append(f"<!{decl}>")


def _written(attribute: tuple[str, str | None]) -> str:
    name, value = attribute
    return f" {name}" if value is None else f' {name}="{escape(value)}"'
