# SPDX-License-Identifier: Apache-2.0
"""A very small web browser over verified TLS: pages, forms, cookies, redirects."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from tempfile import NamedTemporaryFile
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of a page: where it goes and what its fields hold before anybody types."""

    action: str
    method: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came back for one address."""

    url: str
    status: int
    headers: Mapping[str, str]
    text: str
    forms: tuple[Form, ...] = field(default=())

    def form_with(self, name: str) -> Form:
        """Return the form that has a field of this name; AssertionError when none has."""
        for form in self.forms:
            if name in form.fields:
                return form
        raise AssertionError(f"{self.url} has no form with a field {name!r}: {self.text[:300]!r}")


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((of.get("action", ""), of.get("method", "get").lower(), {}))
        elif tag in {"input", "select", "textarea"} and self.found and "name" in of:
            self.found[-1][2][of["name"]] = of.get("value", "")


def trusting(authority_pem: str, own_pem: str = "") -> ssl.SSLContext:
    """Return a client's side of TLS; the standard library takes its own certificate from files."""
    context = ssl.create_default_context(cadata=authority_pem)
    if own_pem:
        with NamedTemporaryFile("w") as file:
            file.write(own_pem)
            file.flush()
            context.load_cert_chain(file.name)
    return context


class Browser:
    """Opens pages of one machine, trusting the internal authority and nobody else.

    `address` may name a port; `own_pem` is a certificate with its key, to be shown when asked for.
    """

    def __init__(self, address: str, authority_pem: str, own_pem: str = "") -> None:
        self._context = trusting(authority_pem, own_pem)
        self._address = address
        self._cookies: dict[str, str] = {}

    def get(self, path: str, *, scheme: str = "https", follow: bool = True) -> Page:
        """Open a path of the machine."""
        return self._open("GET", f"{scheme}://{self._address}{path}", None, follow=follow)

    def submit(self, page: Page, form: Form, **typed: str) -> Page:
        """Send a form with what a person typed into it."""
        body = urlencode({**form.fields, **typed})
        target = urljoin(page.url, form.action or page.url)
        if form.method == "get":
            return self._open("GET", f"{target.partition('?')[0]}?{body}", None, follow=True)
        return self._open("POST", target, body, follow=True, origin=page.url)

    def _open(
        self, method: str, url: str, body: str | None, *, follow: bool, origin: str = ""
    ) -> Page:
        for _ in range(6):
            page = self._once(method, url, body, origin)
            if not follow or page.status not in {301, 302, 303, 307, 308}:
                return page
            origin, url = url, urljoin(url, page.headers["location"])
            if page.status in {301, 302, 303}:
                method, body = "GET", None
        raise AssertionError(f"{url} redirects without end")

    def _once(self, method: str, url: str, body: str | None, origin: str) -> Page:
        parts = urlsplit(url)
        host = parts.hostname or self._address
        connection = (
            HTTPSConnection(host, parts.port, timeout=10, context=self._context)
            if parts.scheme == "https"
            else HTTPConnection(host, parts.port, timeout=10)
        )
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = "{0.scheme}://{0.netloc}".format(urlsplit(origin))
        connection.request(method, f"{parts.path or '/'}?{parts.query}".rstrip("?"), body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie", []):
            self._cookies.update({k: v.value for k, v in SimpleCookie(line).items()})
        parser = _Forms()
        parser.feed(text)
        connection.close()
        forms = tuple(Form(action=a, method=m, fields=f) for a, m, f in parser.found)
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Page(url=url, status=answer.status, headers=found, text=text, forms=forms)
