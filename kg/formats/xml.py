"""Write RDF/XML of the graph, and GraphML and GEXF of the network. The output is the same on every run.

Input: quads in N-Triples syntax, or a NetworkX graph. Output: text. NetworkX's own writers are not used: they add the
current date, number attributes and edges in the order found, and write control characters as they are
(docs/formats.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from kg.model.errors import ProjectError
from kg.model.iris import split_term

if TYPE_CHECKING:
    import networkx as nx

Quad = tuple[str, str, str, str]
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_QUOTED = {**_MARKUP, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
# An XML name without a colon. ASCII only, because XML and Python disagree on what else is a letter.
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_NO_TOKEN = re.compile(r"[^A-Za-z0-9.-]")


def text(content: str) -> str:
    """Return text escaped for use between tags. Raises ProjectError for a character that XML cannot hold."""
    return _escaped(content, _MARKUP)


def attribute(content: str) -> str:
    """Return text escaped for a quoted attribute. Line breaks are kept."""
    return _escaped(content, _QUOTED)


def _escaped(content: str, escapes: Mapping[str, str]) -> str:
    if illegal := _ILLEGAL.search(content):
        raise ProjectError(f"XML cannot hold the character U+{ord(illegal[0]):04X}; write another format")
    return "".join(escapes.get(character, character) for character in content)


def _attributes(pairs: Mapping[str, str]) -> str:
    """Return attributes, without the empty ones."""
    return "".join(f' {name}="{attribute(value)}"' for name, value in pairs.items() if value)


# ---------------------------------------------------------------- RDF/XML


def rdfxml(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> str:
    """Return the union of the graphs as sorted RDF/XML. Raises ProjectError if a predicate is not an XML name."""
    triples = sorted({quad[1:] for quad in quads})
    namespaces = _namespaces({predicate[1:-1] for _, predicate, _ in triples}, prefixes)
    declared = {f"xmlns:{prefix}": namespace for namespace, prefix in sorted(namespaces.items(), key=itemgetter(1))}
    body = "".join(_description(subject, members, namespaces) for subject, members in groupby(triples, itemgetter(0)))
    return f"{HEAD}<rdf:RDF{_attributes(declared)}>\n{body}</rdf:RDF>\n"


def split_name(iri: str) -> tuple[str, str]:
    """Return the namespace and the local name of a predicate. Raises ProjectError if it does not end in an XML name."""
    found = _LOCAL.search(iri)
    if not found or not found.start():
        raise ProjectError(f"RDF/XML cannot hold the predicate {iri}: its end is no name; write another format")
    return iri[: found.start()], found[0]


def _namespaces(predicates: Iterable[str], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return a prefix for each namespace of a predicate: the project's, or a numbered one."""
    known = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True) if prefix}
    wanted = sorted({_RDF, *(split_name(predicate)[0] for predicate in predicates)})
    others = [namespace for namespace in wanted if namespace not in known]
    return {namespace: known.get(namespace) or f"ns{others.index(namespace) + 1}" for namespace in wanted}


def _description(subject: str, triples: Iterable[tuple[str, str, str]], namespaces: Mapping[str, str]) -> str:
    lines = "".join(_property(predicate[1:-1], value, namespaces) for _, predicate, value in triples)
    return f"<rdf:Description{_attributes({'rdf:about': subject[1:-1]})}>\n{lines}</rdf:Description>\n"


def _property(predicate: str, value: str, namespaces: Mapping[str, str]) -> str:
    namespace, local = split_name(predicate)
    tag = f"{namespaces[namespace]}:{local}"
    content, language, datatype = split_term(value)
    if value.startswith("<"):
        return f"  <{tag}{_attributes({'rdf:resource': content})}/>\n"
    return f"  <{tag}{_attributes({'xml:lang': language, 'rdf:datatype': datatype})}>{text(content)}</{tag}>\n"


# ---------------------------------------------------------------- GraphML

_TYPES: Mapping[type, str] = {bool: "boolean", int: "long", float: "double", str: "string"}
_GRAPHML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">'
)
_LEVELS = ("graph", "node", "edge")
Data = Mapping[str, Any]


def graphml(network: nx.MultiDiGraph[str]) -> str:
    """Return a network as GraphML: typed attributes, parallel edges by their key, no empty values."""
    nodes = _nodes(network)
    edges = _edges(network)
    keys = _keys({"graph": [network.graph], "node": [data for _, data in nodes], "edge": [e[3] for e in edges]})
    lines = [f"{HEAD}{_GRAPHML}", *(_key(level, name, kind) for (level, name), kind in keys.items())]
    lines += ['  <graph edgedefault="directed">', *_data("graph", network.graph, "    ")]
    for node, data in nodes:
        lines += [f'    <node id="{token(node)}">', *_data("node", data), "    </node>"]
    for key, start, end, data in edges:
        ends = f'source="{token(start)}" target="{token(end)}"'
        lines += [f'    <edge id="{token(key)}" {ends}>', *_data("edge", data), "    </edge>"]
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


def token(id: str) -> str:
    """Return an id as GraphML's schema allows it: other characters become their hexadecimal code between ``_``."""
    return _NO_TOKEN.sub(lambda found: f"_{ord(found[0]):x}_", id)


def _nodes(network: nx.MultiDiGraph[str]) -> list[tuple[str, Data]]:
    """Return every node with its data, sorted."""
    return sorted(((node, data) for node, data in network.nodes(data=True)), key=lambda pair: pair[0])


def _edges(network: nx.MultiDiGraph[str]) -> list[tuple[str, str, str, Data]]:
    """Return key, start, end and data of every edge, sorted."""
    return sorted(
        ((str(key), start, end, data) for start, end, key, data in network.edges(keys=True, data=True)),
        key=itemgetter(0, 1, 2),
    )


def _keys(data: Mapping[str, Iterable[Data]]) -> dict[tuple[str, str], str]:
    """Return the type of every attribute in use, by level and name."""
    found = {(level, name, _kind(value)) for level in _LEVELS for one in data[level] for name, value in _used(one)}
    return {(level, name): kind for level, name, kind in sorted(found, key=lambda f: (_LEVELS.index(f[0]), *f[1:]))}


def _kind(value: object) -> str:
    return _TYPES[type(value)]


def _used(data: Data) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that are not empty, sorted by name."""
    return ((name, value) for name, value in sorted(data.items()) if value is not None and value != "")


def _key(level: str, name: str, kind: str) -> str:
    return f'  <key id="{level}-{name}" for="{level}" attr.name="{name}" attr.type="{kind}"/>'


def _data(level: str, data: Data, indent: str = "      ") -> list[str]:
    return [f'{indent}<data key="{level}-{name}">{text(_literal(value))}</data>' for name, value in _used(data)]


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# ---------------------------------------------------------------- GEXF

_GEXF = (
    '<gexf xmlns="http://gexf.net/1.3" version="1.3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://gexf.net/1.3 http://gexf.net/1.3/gexf.xsd">'
)
_NATIVE = {"node": {"label"}, "edge": {"label", "from", "until"}}


def gexf(network: nx.MultiDiGraph[str]) -> str:
    """Return a network as GEXF 1.3: label and days where Gephi reads them, everything else as typed attributes."""
    nodes = _nodes(network)
    edges = _edges(network)
    keys = _keys({"graph": [], "node": [data for _, data in nodes], "edge": [e[3] for e in edges]})
    keys = {(level, name): kind for (level, name), kind in keys.items() if name not in _NATIVE[level]}
    lines = [f"{HEAD}{_GEXF}", *_meta(network.graph), f"  <graph{_attributes(_graph(edges))}>"]
    for level in ("node", "edge"):
        lines += _declared(level, [(name, kind) for (where, name), kind in keys.items() if where == level])
    lines += ["    <nodes>", *(line for node, data in nodes for line in _gexf_node(node, data)), "    </nodes>"]
    lines += ["    <edges>", *(line for edge in _kinds(edges) for line in _gexf_edge(*edge)), "    </edges>"]
    return "\n".join([*lines, "  </graph>", "</gexf>", ""])


def _meta(data: Data) -> list[str]:
    """Return the file's metadata. Its date is that of the newest source, never today."""
    day, title = _attributes({"lastmodifieddate": data.get("as_of", "")}), text(data.get("title", ""))
    return [f"  <meta{day}>", "    <creator>autokg</creator>", f"    <description>{title}</description>", "  </meta>"]


def _graph(edges: Iterable[tuple[str, str, str, Data]]) -> dict[str, str]:
    """Return the attributes of the graph, with a timeline if any edge has a day."""
    dated = any(data.get("from") or data.get("until") for *_, data in edges)
    timed = {"mode": "dynamic", "timeformat": "date", "timerepresentation": "interval"}
    return {"defaultedgetype": "directed", **(timed if dated else {"mode": "static"})}


def _declared(level: str, attributes: list[tuple[str, str]]) -> list[str]:
    if not attributes:
        return []
    lines = [f"      <attribute{_attributes({'id': name, 'title': name, 'type': kind})}/>" for name, kind in attributes]
    return [f'    <attributes class="{level}" mode="static">', *lines, "    </attributes>"]


def _kinds(edges: Iterable[tuple[str, str, str, Data]]) -> Iterator[tuple[str, str, str, str, Data]]:
    """Yield the edges with a kind that no parallel edge has, because Gephi merges those of one kind by default."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for key, start, end, data in edges:
        term = str(data.get("term", ""))
        seen[start, end, term] += 1
        number = seen[start, end, term]
        yield key, start, end, f"{term} {number}" if number > 1 else term, data


def _gexf_node(node: str, data: Data) -> list[str]:
    head = _attributes({"id": node, "label": _one_line(data.get("label", ""))})
    return [f"      <node{head}>", *_attvalues("node", data), "      </node>"]


def _gexf_edge(key: str, start: str, end: str, kind: str, data: Data) -> list[str]:
    head = {"id": key, "source": start, "target": end, "label": _one_line(data.get("label", "")), "kind": kind}
    head |= {"start": data.get("from", ""), "end": data.get("until", "")}
    return [f"      <edge{_attributes(head)}>", *_attvalues("edge", data), "      </edge>"]


def _one_line(label: str) -> str:
    """Return a label with single spaces, as the schema requires."""
    return " ".join(label.split())


def _attvalues(level: str, data: Data) -> list[str]:
    used = [(name, value) for name, value in _used(data) if name not in _NATIVE[level]]
    lines = [f"          <attvalue{_attributes({'for': name, 'value': _literal(value)})}/>" for name, value in used]
    return ["        <attvalues>", *lines, "        </attvalues>"] if lines else []
