"""Render pages with Jinja and autoescape. Scripts and styles are inline, and the policy allows each by its hash."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from kg.server.media import HTML

_HERE = Path(__file__).parent / "templates"
_VENDOR = Path(__file__).parent.parent / "vendor"
SCRIPTS = {"site": _HERE / "site.js", "editor": _HERE / "editor.js", "codemirror": _VENDOR / "codemirror-sparql.min.js"}
NAV = (
    ("/", "Graph"),
    ("/entities", "Entities"),
    ("/conflicts", "Conflicts"),
    ("/plans", "Plans"),
    ("/gaps", "Gaps"),
    ("/questions", "Questions"),
    ("/editor", "SPARQL"),
    ("/downloads", "Downloads"),
)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals["style"] = Markup(_style())  # noqa: S704 - our own file
    made.globals["scripts"] = {name: Markup(_script(name)) for name in SCRIPTS}  # noqa: S704 - our own files
    made.globals["navigation"] = NAV
    made.filters["embed"] = embed
    return made


@cache
def _style() -> str:
    return (_HERE / "site.css").read_text("utf-8")


@cache
def _script(name: str) -> str:
    """Return a script for embedding in a page. Raises ValueError if it could end its own element."""
    text = SCRIPTS[name].read_text("utf-8")
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError(f"{name} cannot stand inside a page")
    return text


def embed(value: object) -> Markup:
    """Return a value as JSON that cannot end the script element around it."""
    text = json.dumps(value, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


@cache
def csp_hash(text: str) -> str:
    """Return the hash of an element's content as written in a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(scripts: tuple[str, ...], *, framed: bool = False) -> str:
    """Return the Content-Security-Policy of a page with these scripts. The editor needs inline styles."""
    names = " ".join(csp_hash(_script(name)) for name in scripts) or "'none'"
    styles = "'unsafe-inline'" if "codemirror" in scripts else csp_hash(_style())
    frames = "*" if framed else "'none'"
    return (
        f"default-src 'none'; script-src {names}; style-src {styles}; img-src data:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
    )


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    scripts: tuple[str, ...] = ("site",),
    framed: bool = False,
    **values: Any,  # noqa: ANN401 - what the template shows
) -> Response:
    """Return a page. A ``framed`` page may be embedded by other sites, and has no script."""
    service = request.app.state.service
    used = () if framed else scripts
    text = (
        _environment()
        .get_template(template)
        .render(
            site=service.site,
            title=service.site.graph.world.settings.title,
            languages=service.site.graph.world.settings.languages,
            problems=service.problems,
            used=used,
            here=request.url.path,
            asked=request.query_params.get("q", ""),
            **values,
        )
    )
    headers = {"content-security-policy": policy(used, framed=framed), "cache-control": "no-cache", "vary": "Accept"}
    if framed:
        headers["cross-origin-resource-policy"] = "cross-origin"
    return Response(text, status, headers, f"{HTML}; charset=utf-8")
