"""kg import: a file of any format that kg knows becomes a complete project, or nothing does."""

from pathlib import Path

import pytest

import kg
from command import run
from kg.formats.import_project import RDF_FORMS, import_file, project_texts
from kg.formats.yaml_form import scalar
from kg.graph.loading import check_files
from kg.ingestion.reading import compose
from kg.ingestion.world_rows import world_tables
from kg.model.errors import CheckError, KgError, ProjectError, UsageError
from projects import BADINPUTS, EXAMPLE, make_project

FORMS = {
    "turtle": ".ttl", "trig": ".trig", "nquads": ".nq", "ntriples": ".nt", "jsonld": ".jsonld", "rdfxml": ".rdf",
    "csv": "", "jsonl": "", "xlsx": ".xlsx",
}  # fmt: skip


def export(graph: kg.Graph, form: str, folder: Path) -> Path:
    """Write an export into a folder and return its place."""
    written, file = graph.export(form), folder / f"graph{FORMS[form]}"
    if isinstance(written, dict):
        for name, content in written.items():
            (file / name).parent.mkdir(parents=True, exist_ok=True)
            (file / name).write_bytes(content.encode() if isinstance(content, str) else content)
    else:
        file.write_bytes(written.encode() if isinstance(written, str) else written)
    return file


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder with what it holds."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------- our own formats


@pytest.mark.parametrize("form", FORMS)
def test_the_example_comes_back(form: str, tmp_path: Path) -> None:
    """From every full format a complete project: the same rows, the same files byte for byte, no warnings."""
    graph = kg.load(EXAMPLE)
    made = import_file(export(graph, form, tmp_path), tmp_path / "new")
    assert check_files(tmp_path / "new") == []
    again = kg.load(tmp_path / "new")
    assert world_tables(again.world) == world_tables(graph.world)
    assert again.export("trig") == graph.export("trig")
    wanted = {name: text.encode() for name, text in project_texts(graph.world).items()}
    assert content(tmp_path / "new") == wanted
    assert sorted(made.files) == sorted(tmp_path / "new" / name for name in wanted)
    assert made.report == ["imported 62 claims, 7 sources and 34 entities"]


def test_an_import_of_an_import_changes_nothing(tmp_path: Path) -> None:
    """The files that an import writes are canonical: importing the project itself gives the same bytes."""
    import_file(EXAMPLE, tmp_path / "one")
    import_file(tmp_path / "one", tmp_path / "two")
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_lines_are_as_a_person_would_write_them(tmp_path: Path) -> None:
    """A row a line, however long; bare where that is safe; the source in a block."""
    import_file(EXAMPLE, tmp_path / "new")
    text = (tmp_path / "new" / "claims" / "pandaily-seres-auto.yaml").read_text("utf-8")
    assert text.startswith("source:\n  id: pandaily-seres-auto\n  title: Huawei and SERES To Launch")
    assert '  published: "2021-09?"\n' in text
    assert "- {event: launch, about: seres-sf5, when: 2021-H1, at: par2}\n" in text
    assert all(line.startswith("- {") for line in text.partition("claims:\n")[2].splitlines())


def test_a_source_without_claims_is_kept(tmp_path: Path) -> None:
    """A source that only says nothing yet stands in sources.csv."""
    project = make_project(tmp_path / "old", "agent: a, role: retailer, target: car")
    (project / "sources.csv").write_text("id,title,publisher,published\ns9,=Silent,paper,2020\n", encoding="utf-8")
    world = kg.load(project).world
    for form in ("trig", "csv", "xlsx"):
        folder = tmp_path / form
        folder.mkdir()
        import_file(export(kg.load(project), form, folder), folder / "new")
        assert world_tables(kg.load(folder / "new").world) == world_tables(world)
        assert "s9" in (folder / "new" / "sources.csv").read_text("utf-8")


OWN = """
@prefix role: <https://w3id.org/autokg/role/> . @prefix kg: <https://w3id.org/autokg/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
# a comment
role:battery-swapper a kg:Role ; skos:notation "battery-swapper" ; rdfs:label "swaps batteries of"@en .
"""
MORE = """
<https://w3id.org/autokg/ns#Firm> <http://www.w3.org/2004/02/skos/core#altLabel> "Soci\u00e9t\u00e9\\u2028"@fr .
"""
OWN_AGAIN = """@prefix kg: <https://w3id.org/autokg/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix role: <https://w3id.org/autokg/role/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

kg:Firm skos:altLabel "Soci\u00e9t\u00e9\\u2028"@fr .

role:battery-swapper a kg:Role ;
    rdfs:label "swaps batteries of"@en ;
    skos:notation "battery-swapper" .
"""


def own_project(folder: Path) -> Path:
    """Make a project with a role of its own."""
    project = make_project(folder, "agent: a, role: battery-swapper, target: car")
    (project / "ontology" / "deep").mkdir(parents=True)
    (project / "ontology" / "mine.ttl").write_text(OWN, encoding="utf-8")
    (project / "ontology" / "deep" / "mine.ttl").write_text(MORE, encoding="utf-8")
    return project


@pytest.mark.parametrize("form", FORMS)
def test_own_terms_travel(form: str, tmp_path: Path) -> None:
    """Every full format carries the terms of one's own; they come back in one file, the same from every format."""
    graph = kg.load(own_project(tmp_path / "old"))
    assert len(graph.world.ontology.own) == 4
    import_file(export(graph, form, tmp_path), tmp_path / "new")
    assert kg.check(tmp_path / "new") == []
    again = kg.load(tmp_path / "new")
    assert world_tables(again.world) == world_tables(graph.world)
    assert again.export("trig") == graph.export("trig")
    assert (tmp_path / "new" / "ontology" / "own.ttl").read_text("utf-8") == OWN_AGAIN


def test_files_of_own_terms_stay_files(tmp_path: Path) -> None:
    """An imported folder keeps them with their comments; those named beside a file are not written twice."""
    project = own_project(tmp_path / "old")
    wanted = {name: text for name, text in content(project).items() if name.startswith("ontology/")}
    import_file(project, tmp_path / "one")
    import_file(export(kg.load(project), "trig", tmp_path), tmp_path / "two", ontology=[project / "ontology"])
    for folder in (tmp_path / "one", tmp_path / "two"):
        assert {name: text for name, text in content(folder).items() if name.startswith("ontology/")} == wanted


def test_without_its_terms_rdf_is_refused(tmp_path: Path) -> None:
    """What nobody defines any more is told and nothing written; with the terms beside it, it comes back."""
    file = tmp_path / "g.nq"
    lines = str(kg.load(own_project(tmp_path / "old")).export("nquads")).splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "<https://w3id.org/autokg/ns> ." not in line), encoding="utf-8")
    with pytest.raises(KgError, match="battery-swapper"):
        import_file(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    import_file(file, tmp_path / "new", ontology=[tmp_path / "old" / "ontology"])


def test_all_or_nothing(tmp_path: Path) -> None:
    """A project that does not hold together is not written; what is there is not touched; an empty folder is used."""
    project = make_project(tmp_path / "old", "agent: a, role: retailer, target: car")
    (project / "claims" / "bad.csv").write_text("source,agent,role,target\ns1,a,retialer,car\n", encoding="utf-8")
    with pytest.raises(CheckError):
        import_file(project, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    (project / "claims" / "bad.csv").unlink()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(ProjectError, match="not empty"):
        import_file(project, tmp_path / "full")
    assert content(tmp_path / "full") == {"mine": b"mine"}
    (tmp_path / "empty").mkdir()
    import_file(project, tmp_path / "empty")
    assert kg.check(tmp_path / "empty") == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "full", "old"]


def test_what_is_no_file_of_ours(tmp_path: Path) -> None:
    """An unknown ending and a missing file are told in one line."""
    (tmp_path / "x.docx").write_bytes(b"PK")
    with pytest.raises(UsageError, match="cannot tell"):
        import_file(tmp_path / "x.docx", tmp_path / "new")
    with pytest.raises(ProjectError, match="no "):
        import_file(tmp_path / "absent.ttl", tmp_path / "new")
    with pytest.raises(UsageError, match="no tables of"):
        import_file(tmp_path / "x.docx", tmp_path / "new", neighbour="gephi")


# ---------------------------------------------------------------- RDF of others

CORPUS = {
    "000_good.ttl": "no dataset",
    "001_unterminated.ttl": "001_unterminated.ttl:2:11: error KG002: not Turtle",
    "004_relative_iri.ttl": "004_relative_iri.ttl:1:1: error KG002: not Turtle",
    "006_bad_datatype_value.ttl": "no dataset",
    "007_deep_bnode.ttl": "no dataset",
    "008_deep_list.ttl": "no dataset",
    "009_deep.jsonld": "deeper than 64 levels",
    "010_remote_context.jsonld": "010_remote_context.jsonld:1:13: error KG003: a context from elsewhere",
    "011_file_context.jsonld": "011_file_context.jsonld:1:13: error KG003: a context from elsewhere",
    "015_html_in_literal.ttl": "no dataset",
    "016_nul.nt": "no dataset",
    "017_ffff.nt": "no dataset",
    "018_lexical_twins.ttl": "no dataset",
    "019_poison.nq": "no dataset",
}


@pytest.mark.parametrize("name", CORPUS)
def test_the_corpus_of_rdf_is_refused(name: str, tmp_path: Path) -> None:
    """None of it is ours: broken files at their place, traps before any parser, the rest as not ours; nothing written."""
    with pytest.raises(KgError) as caught:
        import_file(BADINPUTS / "rdf" / name, tmp_path / "new")
    assert CORPUS[name] in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.rdf", '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>', "x.rdf:2:1: error KG003: a DOCTYPE"),
        ("x.jsonld", '{"@context": ["https://schema.org/"], "@id": "a:b"}', "x.jsonld:1:15: error KG003"),
        ("x.jsonld", '{"@context": [{"a": "b:c"}, "ctx.json"]}', "x.jsonld:1:29: error KG003"),
        ("x.jsonld", '{"@graph": [{"@context": "x"}]}', "x.jsonld:1:26: error KG003"),
        ("x.jsonld", '{"@context": {"@import": "x"}}', "x.jsonld:1:26: error KG003"),
        ("x.jsonld", "[" * 100_000, "deeper than 64 levels"),
        ("x.jsonld", '{"a": [', "KG002"),
        ("x.trig", "<a:b> <a:c> 1 . {{{", "KG002"),
        ("x.nt", "nonsense", "KG002"),
    ],
)  # fmt: skip
def test_traps_in_rdf(name: str, text: str, words: str, tmp_path: Path) -> None:
    """A DOCTYPE, a context from elsewhere and absurd depth never reach the parser; what is broken has its place."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CheckError) as caught:
        import_file(tmp_path / name, tmp_path / "new")
    assert words in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_a_context_in_the_file_is_read(tmp_path: Path) -> None:
    """Words of a context of one's own are no trap, nor is a text that looks like one."""
    graph = kg.load(make_project(tmp_path / "old", 'agent: a, role: retailer, target: car, note: "@context: [{x"'))
    import_file(export(graph, "jsonld", tmp_path), tmp_path / "new")
    assert world_tables(kg.load(tmp_path / "new").world) == world_tables(graph.world)


@pytest.mark.parametrize("lost", ["uriSpace", "wasDerivedFrom", "#asserts", "/identifier", "#role"])
def test_half_of_our_rdf_is_told(lost: str, tmp_path: Path) -> None:
    """Where triples are missing the import says what does not hold together; no traceback, nothing written."""
    graph = kg.load(EXAMPLE)
    lines = [line for line in graph.export("nquads").splitlines(keepends=True) if lost not in line]
    (tmp_path / "half.nq").write_text("".join(lines), encoding="utf-8")
    with pytest.raises(KgError):
        import_file(tmp_path / "half.nq", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_control_character_in_rdf_is_refused(tmp_path: Path) -> None:
    """What no claim file may hold does not come in through RDF either."""
    text = kg.load(EXAMPLE).export("nquads").replace('"Huawei"@en', '"Hua\\u0007wei"@en')
    (tmp_path / "x.nq").write_text(text, encoding="utf-8")
    with pytest.raises(CheckError, match="KG010: the invisible character U"):
        import_file(tmp_path / "x.nq", tmp_path / "new")


def test_every_ending_has_a_format() -> None:
    """The endings of our exports are known."""
    assert {ending for ending in FORMS.values() if ending} - {".xlsx"} <= RDF_FORMS.keys()


# ---------------------------------------------------------------- neighbours

KUMU = {
    "map-elements.csv": "Label,Type,Description,Tags\nAlpha|甲,Company,a maker,x|y\nBeta,Firm,,\nPat,Person,,\nThing,Widget,,\n,Firm,,\n",
    "map-connections.csv": "From,To,Type,Label\nBeta,Alpha|甲,subsidiary of,owned\nPat,Beta,knows,\nBeta,Thing,supplies,\nPat,Alpha|甲,executive-director,\n",
}
KGX = {
    "x_nodes.tsv": "id\tcategory\tname\tsynonym\txref\nX:alpha\tbiolink:Firm\tAlpha\tAlfa|甲\twd:Q42\nX:beta\tbiolink:NamedThing|kg:Firm\tBeta\t\t\nX:gene\tbiolink:Gene\tBRCA1\t\t\n",
    "x_edges.tsv": "id\tsubject\tpredicate\tobject\tnegated\tmodality\tknowledge_level\n1\tX:beta\trelation:subsidiary-of\tX:alpha\ttrue\tactual\tknowledge_assertion\n2\tX:alpha\tbiolink:interacts_with\tX:gene\tfalse\t\t\n3\tX:alpha\trelation:subsidiary-of\tX:beta\tfalse\tplanned\t\n",
}
STATEMENTS = """canonical_id,entity_id,prop,schema,value,dataset,lang
NK-1,a,name,Company,Alpha Motor,x,eng
NK-1,a,name,Company,阿尔法,x,zho
NK-1,a,alias,Company,Alfa,x,
NK-1,a,jurisdiction,Company,cn,x,
NK-1,a,wikidataId,Company,Q42,x,
NK-2,b,name,Company,Бета,x,rus
NK-3,c,name,Vessel,Ship,x,
NK-9,d,owner,Ownership,NK-1,x,
NK-9,d,asset,Ownership,NK-2,x,
NK-9,d,percentage,Ownership,51,x,
NK-9,d,startDate,Ownership,2020-05,x,
NK-9,d,endDate,Ownership,soon,x,
"""
NEIGHBOURS = {
    "kumu": (KUMU, ["kept 3 of 5 things as entities", "kept 2 of 4 links as claims"], ["'Widget'", "'knows'", "'tags'", "without a name", "an end that is not"]),
    "kgx": (KGX, ["kept 2 of 3 things as entities", "kept 2 of 3 links as claims"], ["'Gene'", "an end that is not", "'knowledge_level'"]),
    "opensanctions": ({"statements.csv": STATEMENTS}, ["kept 2 of 3 things as entities", "kept 1 of 1 links as claims"], ["'Vessel'", "'jurisdiction'", "'endDate' of Ownership"]),
}  # fmt: skip


def neighbour(folder: Path, tool: str) -> Path:
    """Write the tables of a neighbour."""
    folder.mkdir()
    for name, text in NEIGHBOURS[tool][0].items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("tool", NEIGHBOURS)
def test_a_neighbour_is_mapped_and_the_rest_is_counted(tool: str, tmp_path: Path) -> None:
    """What has a counterpart comes in, what has none is counted with the reason, and the project is sound."""
    _, kept, dropped = NEIGHBOURS[tool]
    made = import_file(neighbour(tmp_path / "in", tool), tmp_path / "new", neighbour=tool)
    assert made.report[:2] == kept
    for words in dropped:
        assert any(words in line for line in made.report), made.report
    assert not [problem for problem in kg.check(tmp_path / "new") if problem.severity == "error"]
    (source,) = kg.load(tmp_path / "new").world.sources.values()
    assert str(source.facts["published"]).startswith("../")
    assert world_tables(kg.load(tmp_path / "new").world).sources[0]["kind"] == "dataset"


def test_words_beside_the_one_that_is_kept_are_counted(tmp_path: Path) -> None:
    """A second type of a thing or link has no place in a row: it is told, and so is how to map a word."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "elements.csv").write_text(
        "Label,Type\nAlpha,Company|Charity\nBeta,Company\nCar,Vehicle\n", encoding="utf-8"
    )
    (folder / "connections.csv").write_text(
        "From,To,Type,Label\nAlpha,Car,Retailer|Sponsor,retails\nAlpha,Beta,supplier,\n", encoding="utf-8"
    )
    bare = import_file(folder, tmp_path / "bare", neighbour="kumu")
    assert "dropped 1: things: typed 'Vehicle', which is none of our types (see --map)" in bare.report
    made = import_file(folder, tmp_path / "new", neighbour="kumu", words={"vehicle": "model"})
    assert [line for line in made.report if " beside " in line] == [
        "dropped 1: links: 'Sponsor' beside 'retailer', of which one is kept",
        "dropped 1: things: 'Charity' beside 'firm', of which one is kept",
    ]


def test_a_word_is_mapped_to_one_of_ours(tmp_path: Path) -> None:
    """What --map names and we do not have is told before anything is read as if nothing were said."""
    tables = neighbour(tmp_path / "in", "kumu")
    with pytest.raises(
        UsageError, match="'retialer' is none of our types, roles and relations; did you mean 'retailer'"
    ):
        import_file(tables, tmp_path / "new", neighbour="kumu", words={"sells for": "retialer"})


def test_where_nothing_can_be_kept_there_is_one_error(tmp_path: Path) -> None:
    """What was dropped is told below it, as information."""
    (tmp_path / "x.csv").write_text("canonical_id,prop,schema,value\nQ1,name,Widget,X\n", encoding="utf-8")
    with pytest.raises(CheckError) as caught:
        import_file(tmp_path / "x.csv", tmp_path / "new", neighbour="opensanctions")
    assert [p.message for p in caught.value.problems if p.code == "KG011" and p.severity == "error"] == [
        "nothing of it could be kept as a claim"
    ]
    assert any("typed 'Widget'" in p.message and p.severity == "info" for p in caught.value.problems)


def test_a_folder_of_other_tables_wants_the_name_of_its_tool(tmp_path: Path) -> None:
    """Without --from it is no folder of ours, and the message says what to say."""
    with pytest.raises(UsageError, match="--from kumu, kgx, opensanctions"):
        import_file(neighbour(tmp_path / "in", "kumu"), tmp_path / "new")


def test_what_kumu_says(tmp_path: Path) -> None:
    """Labels in two scripts are two names; a type of a connection is a role or a relation; --map says what is meant."""
    tables = neighbour(tmp_path / "in", "kumu")
    import_file(tables / "map-elements.csv", tmp_path / "new", neighbour="kumu", words={"knows": "executive-director"}, publisher="Us", published="2020")  # fmt: skip
    rows = world_tables(kg.load(tmp_path / "new").world)
    assert {"id": "alpha", "type": "firm", "en": "Alpha", "zh": "甲", "note": "a maker"} in rows.entities
    said = [{key: row[key] for key in row if key != "source"} for row in rows.claims]
    assert {"subject": "beta", "relation": "subsidiary-of", "object": "alpha", "at": "row1"} in said
    assert {"agent": "pat", "role": "executive-director", "target": "beta", "at": "row2"} in said
    assert (rows.sources[0]["published"], rows.sources[0]["publisher"]) == ("2020", "publisher-of-map-elements")


def test_what_kgx_says(tmp_path: Path) -> None:
    """A negated edge is a denial, a plan stays a plan."""
    import_file(neighbour(tmp_path / "in", "kgx"), tmp_path / "new", neighbour="kgx")
    rows = world_tables(kg.load(tmp_path / "new").world)
    said = {(row["subject"], row.get("stance", ""), row.get("modality", "")) for row in rows.claims}
    assert said == {("beta", "denies", ""), ("alpha", "", "planned")}
    assert {"id": "alpha", "type": "firm", "en": "Alpha", "zh": "甲", "aka": "Alfa", "same-as": "Q42"} in rows.entities


def test_what_opensanctions_says(tmp_path: Path) -> None:
    """Ownership is a share with its period; names keep their language."""
    import_file(neighbour(tmp_path / "in", "opensanctions"), tmp_path / "new", neighbour="opensanctions")
    rows = world_tables(kg.load(tmp_path / "new").world)
    (row,) = rows.claims
    assert {key: row[key] for key in ("agent", "role", "target", "share", "from")} == {
        "agent": "nk-1", "role": "shareholder", "target": "nk-2", "share": "51%", "from": "2020-05",
    }  # fmt: skip
    assert {"id": "nk-2", "type": "firm", "ru": "Бета"} in rows.entities


@pytest.mark.parametrize(
    ("tool", "name", "text", "words"),
    [
        ("kumu", "a-elements.csv", "Type\nx\n", "no table of connections"),
        ("kgx", "nodes.csv", "id\n", "no table of nodes"),
        ("opensanctions", "x.csv", "a,b\n", "no column 'canonical_id'"),
        ("opensanctions", "x.csv", 'canonical_id,prop,schema,value\n"open', "line"),
        ("opensanctions", "x.csv", "canonical_id,prop,schema,value\nQ1,name,Widget,X\n", "--map"),
    ],
)
def test_tables_that_are_none(tool: str, name: str, text: str, words: str, tmp_path: Path) -> None:
    """What is not such a table, or gives nothing, is told in words; nothing is written."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(KgError) as caught:
        import_file(tmp_path, tmp_path / "new", neighbour=tool)
    assert words in str(caught.value)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("tool", ["kumu", "kgx"])
def test_our_own_lossy_exports_come_back_in_part(tool: str, tmp_path: Path) -> None:
    """What we wrote for a neighbour is read again as far as it goes, and never says more than it did."""
    graph = kg.load(EXAMPLE)
    folder = tmp_path / "in"
    folder.mkdir()
    written = graph.export(tool)
    assert isinstance(written, dict)
    for name, text in written.items():
        (folder / name).write_text(str(text), encoding="utf-8")
    made = import_file(folder, tmp_path / "new", neighbour=tool)
    assert any(line.startswith("dropped") for line in made.report)
    before, after = plain_facts(graph), plain_facts(kg.load(tmp_path / "new"))
    assert after
    assert after <= before


def plain_facts(graph: kg.Graph) -> set[str]:
    """Return the roles and relations that some claim asserts as so, and not as a plan."""
    claims = [c for c in graph.world.claims if c.stance.notation == "asserts"]
    return {c.proposition.term.notation for c in claims if c.modality.notation == "actual"}


# ---------------------------------------------------------------- the command


def test_the_command(tmp_path: Path) -> None:
    """Paths on standard output, the report on standard error; 0, 1 and 2 as everywhere."""
    tables = neighbour(tmp_path / "in", "kumu")
    done = run("import", str(tables), "-o", str(tmp_path / "new"), "--from", "kumu", "--map", "Widget=component")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    assert "kept 4 of 5 things" in done.stderr
    assert run("-C", str(tmp_path / "new"), "build").returncode == 0
    again = run("import", str(tables), "-o", str(tmp_path / "new"), "--from", "kumu")
    assert (again.returncode, "not empty" in again.stderr) == (1, True)
    assert run("import", str(tables), "-o", str(tmp_path / "x"), "--from", "kumu", "--map", "Widget").returncode == 2
    assert run("import", str(tables), "-o", str(tmp_path / "x"), "--from", "gephi").returncode == 2


# ---------------------------------------------------------------- the text of YAML


@pytest.mark.parametrize("text", ["a", "a b", "7", "https://example.org/a?b", "over 4.99%", "2021-09?", "00:12:30", "a: b", "a #b", "a, b", "-", "null", "'", '"', "\\", "{", "赛力斯", "a\tb", "~", "x:", "¶3"])  # fmt: skip
def test_a_value_is_read_back(text: str) -> None:
    """However a value is written, in braces or in a block, our reader gives the same text."""
    for document in (f"{{k: {scalar(text)}, z: b}}", f"k: {scalar(text)}\nz: b\n"):
        node = compose(document, "x")
        assert node
        assert [value.text for _, value in node.pairs or ()] == [text, "b"]
