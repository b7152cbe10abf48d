"""The pages of a service in Chromium: found by keyboard, asked in SPARQL, shared by a link; nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import pytest

from looks import AUDIT, LOOKS, VENDOR, Look
from serving import Running, running

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/entities",
    "/conflicts",
    "/plans",
    "/gaps",
    "/questions",
    "/questions/roles-of?firm=huawei",
    "/questions/roles-of?firm=nobody",
    "/editor?query=ASK%20%7B%7D",
    "/downloads",
    "/problems",
    "/search?q=huawei",
    "/id/huawei.html",
    "/id/pandaily-seres-auto.html",
    "/nowhere",
)
Browse = Callable[..., Any]


@pytest.fixture(scope="module")
def service() -> Iterator[Running]:
    """Serve the example."""
    with running() as it:
        yield it


@pytest.fixture
def browse(windows: Any, service: Running) -> Iterator[Browse]:  # noqa: ANN401 -- playwright may be absent
    """Give a function that opens a page of the service."""
    with ExitStack() as stack:

        def open_page(path: str, **look: Any) -> Any:  # noqa: ANN401
            look = {"viewport": {"width": 1280, "height": 900}, **look}
            seen = stack.enter_context(windows.lent((service.url, "data:", "blob:"), _tells, **look))
            seen.page.set_default_timeout(120_000)
            seen.page.goto(service.url + path)
            return seen.page

        yield open_page


def _tells(text: str) -> bool:
    """Leave out what Chromium says of every answer that is an error, also of one that a page expects and shows."""
    return not re.search(r"status of (400|404)", text)


def _shows(page: Any, selector: str, words: str) -> None:  # noqa: ANN401
    """Wait until an element shows some words."""
    page.locator(selector).filter(has_text=words).first.wait_for()


def _write(page: Any, query: str) -> None:  # noqa: ANN401
    """Put a query into the editor by keyboard, in place of the one there."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(query)
    _shows(page, ".cm-content", query.splitlines()[0][:20])


# ---------------------------------------------------------------- everybody gets there


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_axe_finds_no_violation(browse: Browse, service: Running, look: Look) -> None:
    """On every page; what stands on it fits a phone."""
    page = browse("/entities", **look.window)
    for path in PAGES:
        page.goto(service.url + path)
        if path == "/":
            page.wait_for_selector("#picture[data-ready]", state="attached")
        if path.startswith("/editor"):
            _shows(page, "#table", "yes")
        page.evaluate((VENDOR / "axe.min.js").read_text("utf-8"))
        page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        assert page.evaluate(AUDIT, look.rules) == [], (look, path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), (look, path)


def test_a_name_is_found_by_keyboard(browse: Browse) -> None:
    """Tab into the box, type how it sounds, arrow down, Enter: the page of the entity, its names in every language."""
    page = browse("/entities")
    for _ in range(30):
        if page.evaluate("document.activeElement.id") == "q":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("huawe")
    _shows(page, "#found li", "Huawei")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#found li[aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/id/huawei.html")
    _shows(page, "h1", "Huawei")
    _shows(page, "main", "华为")
    _shows(page, "main", "contested")
    page.locator("summary", has_text="Turtle").click()
    _shows(page, "main pre", "rdfs:label")


def test_a_late_answer_does_not_take_the_choice_away(browse: Browse) -> None:
    """What is asked while one types on may be answered after the arrow was pressed: Enter opens what was chosen."""
    page = browse("/entities")
    page.focus("#q")
    page.keyboard.type("huawe")
    _shows(page, "#found li", "Huawei")
    held: list[Any] = []
    page.route("**/search?*", lambda route: held.append(route))
    with page.expect_request("**/search?*"):
        page.keyboard.type("i")
    page.keyboard.press("ArrowDown")
    with page.expect_response("**/search?*"):
        held[0].continue_()
    page.wait_for_timeout(200)
    page.keyboard.press("Enter")
    page.wait_for_url("**/id/huawei.html")


def test_from_an_entity_to_its_claims(browse: Browse) -> None:
    """A fact leads to its page, with who says so and where."""
    page = browse("/id/huawei.html")
    page.locator("main ul.facts a[href^='/proposition/']").first.click()
    page.wait_for_url("**/proposition/*.html")
    page.locator("article.claim a[href^='/id/']").first.click()
    _shows(page, "dl.rows", "publisher")


@pytest.mark.parametrize(
    ("path", "words"), [("/conflicts", "against"), ("/plans", "overdue"), ("/gaps", "lacks a second witness")]
)
def test_what_does_not_fit_together_has_pages(browse: Browse, path: str, words: str) -> None:
    """Reached from the bar of the picture, each marked as the page that one is on."""
    page = browse("/")
    page.wait_for_selector("#picture[data-ready]", state="attached")
    page.locator(f".site-bar a[href='{path}']").click()
    page.wait_for_url(f"**{path}")
    _shows(page, "main", words)
    page.wait_for_selector(f"nav a[href='{path}'][aria-current=page]")


# ---------------------------------------------------------------- questions


def test_a_question_has_a_form(browse: Browse) -> None:
    """A parameter is chosen, the answer is a table of links; a wrong one is told."""
    page = browse("/questions")
    page.locator("main a[href^='/questions/roles-of']").first.click()
    page.wait_for_url("**/questions/roles-of*")
    page.fill("form.parameters [name=firm]", "huawei")
    page.locator("form.parameters button").click()
    page.wait_for_url("**firm=huawei*")
    _shows(page, "table td", "design lead")
    page.wait_for_selector("table td a[href='/id/seres-auto']")
    page.fill("form.parameters [name=firm]", "huawey")
    page.locator("form.parameters button").click()
    _shows(page, "[role=alert]", "did you mean 'huawei'?")


def test_a_question_goes_into_the_editor_with_its_values(browse: Browse) -> None:
    """It is asked there at once, with the value beside it; the value can be taken away."""
    page = browse("/questions/roles-of?firm=huawei")
    page.locator("a", has_text="In SPARQL").click()
    page.wait_for_url("**/editor?*")
    _shows(page, "#given", "?firm = :huawei")
    _shows(page, "#table td", "design lead")
    page.get_by_role("button", name="Leave ?firm open").click()
    page.locator("#given code").first.wait_for(state="detached")
    page.locator("#ask button.main").click()
    _shows(page, "#table td", ":sokon")


# ---------------------------------------------------------------- SPARQL


def test_words_are_completed(browse: Browse) -> None:
    """Of the ontology and of the entities, as they are typed; Enter takes one."""
    page = browse("/editor")
    _write(page, "SELECT * { ?s ")
    page.keyboard.type("kg:oppos")
    _shows(page, ".cm-tooltip-autocomplete li", "kg:opposes")
    # A list that has just appeared takes no key for a moment, so that nobody takes by accident what was just drawn.
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    _shows(page, ".cm-content", "kg:opposes")
    page.keyboard.type(" :huaw")
    _shows(page, ".cm-tooltip-autocomplete li", ":huawei")


def test_an_error_is_told_at_its_place(browse: Browse) -> None:
    """Line and column in words, and a mark in the editor; it goes once the query is mended."""
    page = browse("/editor")
    _write(page, "SELECT *\nWHERE { ?s ?p }")
    page.keyboard.press("Control+Enter")
    _shows(page, "#fault", "2:")
    page.wait_for_selector(".cm-lintRange-error, .cm-lintPoint-error", state="attached")
    _write(page, "SELECT * WHERE { :huawei rdfs:label ?o }")
    page.keyboard.press("Control+Enter")
    _shows(page, "#table td", "华为")
    page.locator("#fault").wait_for(state="hidden")


def test_an_answer_is_a_table_a_graph_and_a_download(browse: Browse, service: Running) -> None:
    """Triples are drawn; each form is a link that holds the query."""
    page = browse("/editor?query=" + quote("CONSTRUCT { ?s kg:opposes ?o } WHERE { ?s kg:opposes ?o }"))
    _shows(page, "#table th", "subject")
    page.locator("#as-graph").click()
    page.wait_for_selector("#graph svg circle")
    href = page.locator("#saves a", has_text="Turtle").get_attribute("href")
    assert service.get(href).headers["content-type"].startswith("text/turtle")


def test_a_link_shares_the_query(browse: Browse) -> None:
    """What is in the address bar after “Copy link” opens the same query, and asks it."""
    page = browse("/editor")
    _write(page, "SELECT ?name { :huawei rdfs:label ?name }")
    page.locator("#share").click()
    page.wait_for_url("**/editor?query=*")
    shared = browse(page.url.partition("/editor")[1] + page.url.partition("/editor")[2])
    _shows(shared, ".cm-content", "SELECT ?name")
    _shows(shared, "#table td", "华为")


def test_a_link_leads_deep_into_the_picture(browse: Browse, service: Running) -> None:
    """From an entity's page to its box on the front page."""
    page = browse("/id/huawei.html")
    page.locator("main a[href^='/#']").first.click()
    page.wait_for_selector("#picture[data-ready]", state="attached")
    _shows(page, "#panel h2", "Huawei")
