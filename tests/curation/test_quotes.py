"""What claims quote, held against stored texts: every way in which it can stand there, or not."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

import kg
from command import run
from kg.curation.quotes import Finding, as_json, check_sources, compare, count, report_lines, show_difference
from kg.ingestion.fetching import FetchError, Limits, fetch, is_public
from kg.ingestion.texts import read_text
from kg.model.errors import Location
from projects import EXAMPLE, make_project

STORED = """# Alpha speaks

Alpha is the Retail Partner of Car One.

华为“智选”车 SF5 由Alpha代工。

We have been planning the whole project
since 2019, he said; the sales-lead is Beta. It cost 3565 yuan.
"""
ROW = "agent: a, role: retailer, target: car"


def project(folder: Path, *rows: str, more: str = "", stored: str | None = STORED) -> Path:
    """Make a project whose source names a stored text."""
    make_project(folder, *rows)
    claims = folder / "claims" / "s1.yaml"
    claims.write_text(claims.read_text("utf-8").replace("kind: article", f"text: texts/s1.txt{more}"), encoding="utf-8")
    if stored is not None:
        (folder / "texts").mkdir()
        (folder / "texts" / "s1.txt").write_bytes(stored.encode())
    return folder


def found(text: str, at: str = "", stored: str = STORED, suffix: str = ".txt") -> Finding:
    """Look for one quoted text."""
    return compare(Finding(Location("x"), "quote", text, "missing", at), read_text(stored.encode(), suffix))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("Retail Partner", "exact"),
        ("“智选”", "exact"),
        ("retail  partner", "normalised"),
        ("RETAIL\u2011PARTNER", "normalised"),
        ("华为「智选」车SF5", "normalised"),
        ('华为 "智选" 车 \uff33\uff26\uff15', "normalised"),
        ("project since 2019", "normalised"),
        ("sales lead", "normalised"),
        ("We have been […] since 2019", "normalised"),
        ("planning [...] he said", "normalised"),
        ("We have been planing the whole project", "fuzzy"),
        ("华为“智造”车 SF5 由Alpha代工", "fuzzy"),
        ("since 2019 […] We have been", "missing"),
        ("etail Partner", "fuzzy"),
        ("tail", "missing"),
        ("565", "missing"),
        ("nothing of the sort was ever written", "missing"),
        ("[…]", "missing"),
    ],
)
def test_matches(text: str, match: str) -> None:
    """Exact, made comparable, by likeness, or missing; never the inside of a word or number."""
    assert found(text).match == match


def test_the_difference_is_shown() -> None:
    """What is ours stands in [-…-], what is theirs in {+…+}."""
    finding = found("We have been planing the whole project")
    assert finding.difference == "We have been [-planing-]{+planning+} the whole project"
    assert 95 < finding.score < 100


def test_what_does_not_count_is_no_difference() -> None:
    """Width and case are as they are in the source, and only the other word is marked."""
    theirs = "TEC \uff44\uff45nied it on Monday"
    shown = "TEC \uff44\uff45nied it on [-Sunday-]{+Monday+}"
    assert show_difference("Tec denied it on Sunday", theirs) == shown


def test_the_paragraph_comes_first() -> None:
    """A text is looked for where the claim says, and told where it was found instead."""
    assert not found("Retail Partner", "par1").moved
    assert not found("Retail Partner", "par1-2").moved
    elsewhere = found("Retail Partner", "par3")
    assert (elsewhere.moved, elsewhere.found) == (True, "par1")
    assert (found("Alpha", "par2").found, found("Alpha", "title").found) == ("par2", "title")
    assert found("Retail Partner", "par9").moved
    assert not found("Retail Partner", "table2").moved
    assert found("Car One. 华为").found == "the text"


def test_a_page() -> None:
    """Of a page, what a reader sees is read; its paragraphs are those of its tags; it names its encoding."""
    page = "<title>T</title><script>x('hidden words')</script><p>One <b>bold</b> word.<p>Two&nbsp;more<br>lines"
    assert found("One bold word.", "par1", page, ".html").match == "exact"
    assert found("Two more lines", "par2", page, ".html").match == "normalised"
    assert found("hidden words", "", page, ".html").match == "missing"
    chinese = '<meta charset="gb18030"><p>华为</p>'.encode("gb18030")
    assert read_text(chinese, ".html").blocks[-1].text == "华为"


def test_a_good_project(tmp_path: Path) -> None:
    """Term, wording of the time and quote are compared; a note is not."""
    digest = hashlib.sha256(STORED.encode()).hexdigest()
    row = (
        f'{ROW}, at: par1, term: Retail Partner, quote: "Alpha is the […] Partner", note: "not \'in the text\' at all"'
    )
    other = "agent: b, role: sales-lead, target: car, at: par3, when-term: since 2019"
    folder = project(tmp_path, row, other, more=f", sha256: {digest}")
    assert kg.check(folder) == []
    reports = check_sources(folder)
    assert [(f.key, f.match) for f in reports[0].findings] == [
        ("term", "exact"), ("quote", "normalised"), ("when-term", "exact"),
    ]  # fmt: skip
    assert list(report_lines(reports)) == []
    assert len(list(report_lines(reports, everything=True))) == 3
    done = run("-C", folder, "sources", "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "2 exact, 1 normalised\n")


def test_missing_has_its_place_and_fails(tmp_path: Path) -> None:
    """A text that does not stand there is told at its cell; exit 1."""
    folder = project(tmp_path, f"{ROW}, at: par1, term: sole agent")
    done = run("-C", folder, "sources", "check")
    assert "claims/s1.yaml:3:59: missing: term 'sole agent'" in done.stdout
    assert "info: texts/s1.txt: a change would not be seen; add sha256: " in done.stdout
    assert (done.returncode, done.stderr) == (1, "1 missing\n")


def test_changed_and_gone_fail(tmp_path: Path) -> None:
    """Other bytes than the hash says, or no file: told, exit 1; what changed is compared all the same."""
    changed = project(tmp_path / "a", f"{ROW}, term: Retail Partner", more=f", sha256: {'0' * 64}")
    done = run("-C", changed, "sources", "check")
    assert "changed: texts/s1.txt: the file's sha256 is " in done.stdout
    assert (done.returncode, done.stderr) == (1, "1 exact, 1 changed\n")
    gone = project(tmp_path / "b", f"{ROW}, term: Retail Partner", stored=None)
    done = run("-C", gone, "sources", "check")
    assert "gone: texts/s1.txt: " in done.stdout
    assert (done.returncode, done.stderr) == (1, "1 skipped, 1 gone\n")


def test_skipped_with_the_reason(tmp_path: Path) -> None:
    """A source without a text, and a text that cannot be read, are skipped: counted, told why, and no failure."""
    folder = make_project(tmp_path / "a", f"{ROW}, term: Retail Partner, quote: x")
    done = run("-C", folder, "sources", "check")
    assert "skipped: s1: the source names no text (2 quoted texts not compared)" in done.stdout
    assert (done.returncode, done.stderr) == (0, "2 skipped\n")
    folder = project(tmp_path / "b", f"{ROW}, term: x")
    (folder / "texts" / "s1.txt").write_bytes("é".encode("latin-1"))
    assert check_sources(folder)[0].reason == "not UTF-8 at byte 1"
    claims = folder / "claims" / "s1.yaml"
    claims.write_text(claims.read_text("utf-8").replace("s1.txt", "s1.pdf"), encoding="utf-8")
    assert check_sources(folder)[0].reason.startswith("a text is one of .txt, ")


def test_a_link_out_of_the_project(tmp_path: Path) -> None:
    """A stored text that is a link to elsewhere is not read."""
    folder = project(tmp_path / "p", f"{ROW}, term: x")
    (tmp_path / "outside.txt").write_text("x", encoding="utf-8")
    (folder / "texts" / "s1.txt").unlink()
    (folder / "texts" / "s1.txt").symlink_to(tmp_path / "outside.txt")
    assert check_sources(folder)[0].reason == "the file lies outside the project"


@pytest.mark.parametrize("path", ["../x.txt", "/etc/x.txt", "a/../../x.txt", "a//x.txt", ".x.txt"])
def test_a_path_stays_inside(tmp_path: Path, path: str) -> None:
    """``kg check`` refuses a path that could leave the project."""
    folder = project(tmp_path, ROW)
    claims = folder / "claims" / "s1.yaml"
    claims.write_text(claims.read_text("utf-8").replace("texts/s1.txt", path), encoding="utf-8")
    assert [problem.code for problem in kg.check(folder)] == ["KG210"]


def test_json(tmp_path: Path) -> None:
    """JSON has the same, for programs."""
    folder = project(tmp_path, f"{ROW}, at: par2, quote: retail partner")
    told = json.loads(run("-C", folder, "sources", "check", "--format", "json").stdout)
    (source,) = told["sources"]
    (finding,) = source["findings"]
    assert (told["counts"]["normalised"], told["counts"]["elsewhere"]) == (1, 1)
    assert (finding["match"], finding["at"], finding["found"]) == ("normalised", "par2", "par1")
    assert finding["place"] == {"file": "claims/s1.yaml", "line": 3, "column": 60}
    assert json.loads(json.dumps(as_json(check_sources(folder)))) == told


# ---------------------------------------------------------------- the web, on this machine


class Site(BaseHTTPRequestHandler):
    """A small site: a text, redirects, and what must be refused."""

    pages: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {
        "/text": (200, {"Content-Type": "text/plain"}, STORED.encode()),
        "/pdf": (200, {"Content-Type": "application/pdf"}, b"%PDF"),
        "/large": (200, {"Content-Type": "text/plain"}, b"x" * 5000),
        "/packed": (200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, b"x"),
        "/moved": (302, {"Location": "/text"}, b""),
        "/circle": (302, {"Location": "/circle"}, b""),
        "/file": (302, {"Location": "file:///etc/passwd"}, b""),
        "/inside": (302, {"Location": "http://10.0.0.1/text"}, b""),
    }

    def do_GET(self) -> None:
        """Answer with the page of the path."""
        status, headers, body = self.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the site on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


HERE = Limits(allow_private=True)


def test_fetch(site: str) -> None:
    """A text is fetched, over a redirect too."""
    assert fetch(f"{site}/text", HERE) == STORED.encode()
    assert fetch(f"{site}/moved", HERE) == STORED.encode()


@pytest.mark.parametrize(
    ("path", "limits", "said"),
    [
        ("/pdf", HERE, "is application/pdf"),
        ("/large", Limits(bytes=4999, allow_private=True), "larger than 4,999 bytes"),
        ("/packed", HERE, "is sent as gzip"),
        ("/circle", HERE, "more than 5 redirects"),
        ("/file", HERE, "only http and https"),
        ("/none", HERE, "answered 404"),
        ("/text", Limits(), "no public address"),
    ],
)
def test_fetch_refuses(site: str, path: str, limits: Limits, said: str) -> None:
    """Other kinds, too much, circles, other schemes, and private addresses are refused."""
    with pytest.raises(FetchError, match=said):
        fetch(site + path, limits)


def test_no_redirect_to_a_private_address(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every hop is held against the rule: a public site cannot send us into a private network."""
    monkeypatch.setattr("kg.ingestion.fetching.is_public", lambda address: address == "127.0.0.1")
    with pytest.raises(FetchError, match=r"10\.0\.0\.1, no public address"):
        fetch(f"{site}/inside", Limits())


def test_time_is_limited() -> None:
    """A server that drips, or never answers, is hung up on."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(FetchError, match=r"no answer within 0\.3 seconds"),
    ):
        fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/", Limits(seconds=0.3, allow_private=True))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1",  # noqa: S104
     "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, and those wrapped in IPv6."""
    assert not is_public(address)


def test_public_addresses() -> None:
    """Others are public."""
    assert all(map(is_public, ("8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8")))


def test_nothing_is_fetched_unless_asked(tmp_path: Path, site: str) -> None:
    """A missing text is fetched only on request, stored whole, and then never again."""
    folder = project(tmp_path, f"{ROW}, term: Retail Partner", more=f", url: '{site}/text'", stored=None)
    assert check_sources(folder, limits=HERE)[0].state == "gone"
    (report,) = check_sources(folder, fetch_missing=True, limits=HERE)
    assert (report.state, report.fetched, report.findings[0].match) == ("compared", f"{site}/text", "exact")
    assert [path.name for path in (folder / "texts").iterdir()] == ["s1.txt"]
    assert check_sources(folder, fetch_missing=True, limits=HERE)[0].fetched == ""


def test_other_bytes_are_not_kept(tmp_path: Path, site: str) -> None:
    """Where the source gives the hash, a text that has another is not stored."""
    more = f", url: '{site}/text', sha256: {'0' * 64}"
    folder = project(tmp_path, f"{ROW}, term: Retail Partner", more=more, stored=None)
    (report,) = check_sources(folder, fetch_missing=True, limits=HERE)
    assert report.state == "changed"
    assert "was not kept" in report.reason
    assert not (folder / "texts").exists()


def test_the_command_does_not_reach_this_machine(tmp_path: Path, site: str) -> None:
    """From the command line there is no way round the rule about private addresses."""
    folder = project(tmp_path, f"{ROW}, term: x", more=f", url: '{site}/text'", stored=None)
    done = run("-C", folder, "sources", "check", "--fetch")
    assert done.returncode == 1
    assert "no public address" in done.stdout


def test_the_example_skips_all_its_sources() -> None:
    """The example stores no texts: every source is skipped, with the reason."""
    reports = check_sources(EXAMPLE)
    assert {report.reason for report in reports} == {"the source names no text"}
    assert count(reports)["skipped"] == sum(report.skipped for report in reports)
