"""Somebody at work in a browser, whose clicks, loads and tabs are counted."""

OUTSIDE = """element => {
  const place = element.getBoundingClientRect();
  return place.top < 0 || place.bottom > innerHeight;
}"""


class Worker:
    """Counts clicks on links, buttons and inputs (typing begins with one, choosing from a list is
    one), characters typed, presses of the Tab key, how often what is used next is not on the
    screen, and pages that were loaded since."""

    def __init__(self, page):
        self.page, self.clicks, self.tabs, self.loads = page, 0, 0, 0
        self.keys = self.scrolls = 0
        page.locator("nav.staff").wait_for()
        page.wait_for_load_state()
        page.on("domcontentloaded", self._loaded)

    def __repr__(self):
        used = f"{self.clicks} clicks, {self.keys} keys, {self.tabs} tabs"
        return f"{used}, {self.scrolls} scrolls, {self.loads} loads"

    def done_since(self, clicks, loads):
        """Return the clicks and loads since there were so many."""
        return self.clicks - clicks, self.loads - loads

    def _loaded(self, page):
        self.loads += 1

    def click(self, place):
        self._look_for(place)
        place.click()
        self.clicks += 1

    def type(self, place, words):
        self.click(place)
        place.fill(words)
        self.keys += len(words)

    def choose(self, place, value):
        self._look_for(place)
        place.select_option(value)
        self.clicks += 1

    def _look_for(self, place):
        self.scrolls += place.evaluate(OUTSIDE)

    def tab_to(self, selector):
        """Press Tab until an element that the selector finds has the focus."""
        for _press in range(100):
            self.page.keyboard.press("Tab")
            self.tabs += 1
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} cannot be reached by keyboard")

    def enter(self):
        """Press Enter, which loads another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def access_key(self, letter):
        """Press Alt with a letter, which loads another page. Playwright's own keyboard leaves out
        the letter that Alt keeps from being typed, by which Chromium finds what has this key."""
        session = self.page.context.new_cdp_session(self.page)
        alt = {"modifiers": 1, "key": letter, "code": f"Key{letter.upper()}"}
        with self.page.expect_navigation():
            for kind in ("keyDown", "keyUp"):
                pressed = alt | {"type": kind, "unmodifiedText": letter}
                session.send("Input.dispatchKeyEvent", pressed)
        session.detach()
