"""Nothing that a company's tables hold can become part of a page's program."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from serving.pages.accounts import accounts_html
from serving.pages.render import inline, policy, script_json, tables_script
from tests.page_company import NAMES, material


class Elements(HTMLParser):
    """What a browser finds in a page: its elements, and what stands in scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.held: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.held.append((dict(attrs).get("type") or tag, ""))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            kind, text = self.held[-1]
            self.held[-1] = (kind, text + data)


@pytest.fixture(scope="module")
def elements() -> Elements:
    found = Elements()
    found.feed(accounts_html(material()))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_json_in_a_script_reads_back_and_cannot_end_the_script(name: str) -> None:
    text = script_json({name: [name, None, 1.5]})
    assert json.loads(text) == {name: [name, None, 1.5]}
    assert not re.search("[<>&\u2028\u2029]", text)


def test_numbers_that_json_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_json([float("nan")])


def test_only_our_own_elements_are_in_the_page(elements: Elements) -> None:
    assert not {tag for tag, _ in elements.tags} & {"img", "b", "i", "u", "iframe", "object", "link", "base"}
    assert [kind for kind, _ in elements.held] == ["style", "application/json", "script", "text/plain"]
    assert not [name for _, attributes in elements.tags for name in attributes if name.startswith("on")]


def test_nothing_in_the_page_names_another_place(elements: Elements) -> None:
    places = [value for _, attributes in elements.tags for name, value in attributes.items() if name in ("src", "href")]
    assert places == ["#main"]
    style = next(text for kind, text in elements.held if kind == "style")
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_lets_only_the_pages_own_script_and_style_run(elements: Elements) -> None:
    meta = next(at["content"] for tag, at in elements.tags if at.get("http-equiv") == "Content-Security-Policy")
    held = dict(elements.held)
    digest = {k: base64.b64encode(hashlib.sha256(held[k].encode()).digest()).decode() for k in ("script", "style")}
    assert meta == (
        f"default-src 'none'; script-src 'sha256-{digest['script']}'; style-src 'sha256-{digest['style']}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert policy([held["script"]], [held["style"]]) == meta


def test_a_script_is_written_so_that_it_cannot_end_its_element() -> None:
    assert inline('const a = "</script>", b = /<!--/;') == 'const a = "\\x3c/script>", b = /\\x3c!--/;'
    assert "<!--" not in tables_script()
    assert "export{" not in tables_script()
