"""Is a folder of HTML files whole? Links lead somewhere, nothing is fetched from elsewhere, every
picture has a text.

    python notebooks/tools/check_site.py FOLDER     prints what is wrong; exit 1 if anything is
"""
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href",
           "object": "data", "embed": "src",
           "video": "src", "audio": "src", "image": "href", "use": "href"}
IN_STYLES = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


class Page(HTMLParser):
    """Collects `ids`, `links` (of <a>), `resources` (what a browser fetches unasked), `untold`
    (pictures without alt)."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.resources, self.untold, self.in_style = set(), [], [], [], False
        self.feed(text)

    def handle_starttag(self, tag, found):
        found = dict(found)
        self.in_style = tag == "style"
        self.ids |= {found[key] for key in ("id", "name") if found.get(key)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag in FETCHED and found.get(FETCHED[tag]):
            self.resources.append(found[FETCHED[tag]])
        self.resources += [part.split()[0]
                           for part in (found.get("srcset") or "").split(",") if part.strip()]
        self.resources += in_styles(found.get("style") or "")
        if (tag == "img" and not (found.get("alt") or "").strip()
                and found.get("aria-hidden") != "true"):
            self.untold.append((found.get("src") or "")[:60])

    def handle_endtag(self, tag):
        self.in_style = self.in_style and tag != "style"

    def handle_data(self, data):
        if self.in_style:
            self.resources += in_styles(data)


def in_styles(text):
    """Addresses that a style sheet fetches."""
    return [one or other for one, other in IN_STYLES.findall(text)]


def problems(folder):
    """Sentences on what is wrong with the HTML and CSS files under `folder`; an empty list if
    nothing is."""
    folder, wrong = Path(folder).resolve(), []
    pages = {path: Page(path.read_text(encoding="utf-8"))
             for path in sorted(folder.rglob("*.html"))}
    if not pages:
        return [f"{folder}: no HTML file"]
    fetched = [(path, address) for path, page in pages.items() for address in page.resources]
    fetched += [(path, address) for path in sorted(folder.rglob("*.css"))
                for address in in_styles(path.read_text(encoding="utf-8"))]
    for path, address in fetched:
        if urlsplit(address).scheme in ("http", "https") or address.startswith("//"):
            wrong.append(f"{path.relative_to(folder)}: fetched from the network: {address}")
    followed = fetched + [(path, address) for path, page in pages.items() for address in page.links]
    for path, address in followed:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file() or not target.is_relative_to(folder):
            wrong.append(f"{path.relative_to(folder)}: leads nowhere: {address}")
        elif (parts.fragment and target in pages
              and unquote(parts.fragment) not in pages[target].ids):
            wrong.append(f"{path.relative_to(folder)}: no such place on the page: {address}")
    for path, page in pages.items():
        wrong += [f"{path.relative_to(folder)}: picture without alt: {src}" for src in page.untold]
    return wrong


if __name__ == "__main__":
    found = problems(sys.argv[1])
    print("\n".join(found))
    sys.exit(bool(found))
