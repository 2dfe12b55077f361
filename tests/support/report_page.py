"""Reads a page of an edition for tests: tags, ids, headings, words, the cells of a table."""

import re
from html.parser import HTMLParser

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class Page(HTMLParser):
    """The tags, ids, headings and text of a page."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.ids, self.levels, self.attributes, self.text = [], [], [], [], []
        self._unread = 0
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        self._unread += tag == "style"
        if tag in HEADINGS:
            self.levels.append(int(tag[1]))

    def handle_endtag(self, tag):
        self._unread -= tag == "style"

    def handle_data(self, data):
        if not self._unread:
            self.text.append(data)

    @property
    def words(self):
        return re.sub(r"\s+", " ", " ".join(self.text))


def table_of(markup, caption):
    """The rows of the table with this caption, as lists of cell texts."""
    whole = re.search(
        rf"<table[^>]*><caption[^>]*><span>[^<]*{re.escape(caption)}.*?</table>", markup, re.S
    )
    assert whole, f"there is no table {caption}"
    rows = re.findall(r"<tr>(.*?)</tr>", whole[0], re.S)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in rows]
    return [[re.sub(r"<[^>]*>", "", cell) for cell in row] for row in cells]
