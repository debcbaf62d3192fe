"""A browser without pictures: cookies, forms with their token, and all links of a page."""

import http.client
import re
import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie

REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Page:
    """One answer, after its redirects."""

    path: str
    status: int
    text: str


@dataclass(slots=True)
class Browser:
    """Speaks to one port of this machine; `seen` has every (path, status) of its life."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, int]] = field(default_factory=list)

    def get(self, path: str) -> Page:
        return self._follow("GET", path, None)

    def post(self, path: str, **fields: str) -> Page:
        """Post a form as its page would: with the token of the cookie."""
        fields["csrfmiddlewaretoken"] = self.cookies.get("apresa_csrf", "")
        return self._follow("POST", path, urllib.parse.urlencode(fields))

    def sign_in(self, name: str, password: str) -> Page:
        self.get("/sign-in/")
        return self.post("/sign-in/", username=name, password=password)

    def crawl(self, start: str, most: int = 300) -> set[str]:
        """Every page that links lead to, sign-out excepted. A query is tried key by key, not in every combination."""
        found, waiting, kinds = {start}, [start], {_kind(start)}
        while waiting and len(found) < most:
            page = self.get(waiting.pop(0))
            for link in _links(page):
                if len(_kind(link)[1]) > 1 or re.search(r"sign-out|logout|^/static/", link):
                    continue
                if _kind(link) not in kinds:
                    found.add(link)
                    kinds.add(_kind(link))
                    waiting.append(link)
        return found

    def _follow(self, method: str, path: str, body: str | None) -> Page:
        for _ in range(5):
            status, location, text = self._ask(method, path, body)
            self.seen.append((path, status))
            if status not in REDIRECTS:
                return Page(path, status, text)
            method, path, body = "GET", urllib.parse.urljoin(path, location), None
        raise AssertionError(f"{path} redirects for ever")

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept": "text/html",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer.status, answer.headers.get("Location", ""), text


def _kind(link: str) -> tuple[str, frozenset[str]]:
    parts = urllib.parse.urlsplit(link)
    return parts.path, frozenset(urllib.parse.parse_qs(parts.query, keep_blank_values=True))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and "download" not in dict(attrs):  # a file is no page
            self.found += [value for name, value in attrs if name == "href" and value]


def _links(page: Page) -> list[str]:
    parser = _Links()
    parser.feed(page.text)
    whole = (urllib.parse.urljoin(page.path, link).split("#")[0] for link in parser.found)
    return [link for link in whole if link.startswith("/") and not link.startswith("//")]
