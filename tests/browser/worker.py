"""Somebody at work in a browser, whose clicks, loads and tabs are counted."""


class Worker:
    """Counts clicks on links, buttons and inputs (typing begins with one, choosing from a list is
    one), presses of the Tab key, and pages that were loaded since."""

    def __init__(self, page):
        self.page, self.clicks, self.tabs, self.loads = page, 0, 0, 0
        page.locator("nav.staff").wait_for()
        page.wait_for_load_state()
        page.on("domcontentloaded", self._loaded)

    def __repr__(self):
        return f"{self.clicks} clicks, {self.tabs} tabs, {self.loads} loads"

    def _loaded(self, page):
        self.loads += 1

    def click(self, place):
        place.click()
        self.clicks += 1

    def type(self, place, words):
        self.click(place)
        place.fill(words)

    def choose(self, place, value):
        place.select_option(value)
        self.clicks += 1

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
