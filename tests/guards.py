"""Every guard with the line that takes it out, and a test that must fail then."""

from __future__ import annotations

from dataclasses import dataclass

HOSTILE_RDF = "rdf/test_hostile_rdf.py::test_hostile_rdf_is_told"
LARGE_RDF = "rdf/test_hostile_rdf.py::test_large_hostile_rdf_is_told"
CORPUS = "ingestion/test_bad_input.py"


@dataclass(frozen=True)
class Guard:
    """What is guarded; where; the text that guards, and what stands there without it; the test that notices."""

    what: str
    file: str
    there: str
    without: str
    test: str


GUARDS = [
    # queries, before they are parsed
    Guard("no SERVICE", "sparql/guard.py", "    if calls:\n", "    if False:\n", "sparql/test_guard.py::test_a_call_to_another_server_is_refused"),
    Guard("no keyword by escapes", "sparql/guard.py", "if unescaped != query:", "if False:", "sparql/test_guard.py::test_a_call_to_another_server_is_refused"),
    Guard("no call hidden in an IRI", "sparql/guard.py", '(kind == "iri" and _CALL_IN_IRI.search(token))', "False", "sparql/test_guard.py::test_a_call_to_another_server_is_refused"),
    Guard("no LOAD", "sparql/guard.py", 'if kind == "word" and token.upper() == "LOAD":', "if False:", "server/test_hostile_requests.py::test_the_library_answers[020_load.ru]"),
    Guard("no update", "sparql/guard.py", 'if kind == "word" and token.upper() in WRITES:', "if False:", "sparql/test_guard.py::test_an_update_is_refused"),
    Guard("depth, patterns, operators", "sparql/guard.py", "        if value > limit:\n", "        if False:\n", "sparql/test_guard.py::test_limits"),
    Guard("size of a query", "sparql/guard.py", "> MAX_BYTES:\n", "> MAX_BYTES * 10_000:\n", "sparql/test_guard.py::test_limits"),
    Guard("no NUL", "sparql/guard.py", '"[\\0\\ud800-\\udfff]"', '"[\\ud800-\\udfff]"', "server/test_hostile_requests.py::test_the_library_answers[026_nul.rq]"),
    Guard("how a query begins", "sparql/guard.py", "    query_form(query)\n\n\ndef", "\n\ndef", "server/test_hostile_requests.py::test_the_library_answers[001_syntax.rq]"),
    # the engine
    Guard("long queries are looked at too", "server/worker.py", 'if "dataset" not in request:', "if False:", "server/test_hostile_requests.py::test_a_long_query_is_looked_at_elsewhere"),
    Guard("memory of the engine", "sparql/worker.py", "    limit_memory(request[\"memory\"])\n", "", "whole/test_guards_removed.py::test_the_engine_has_a_limit_of_memory"),
    Guard("no descriptor for the engine", "sparql/worker.py", "    close_doors(request.get(\"store\"))\n    try:\n        answers", "    try:\n        answers", "whole/test_guards_removed.py::test_the_engine_reaches_nothing"),
    Guard("time of the engine", "sparql/store.py", "child.communicate(message, timeout=timeout)", "child.communicate(message)", "whole/test_guards_removed.py::test_the_engine_ends_in_time"),
    Guard("no descriptor for what serves", "server/worker.py", "    close_doors(directory)\n", "", "whole/test_guards_removed.py::test_what_serves_has_no_descriptor_left"),
    Guard("memory of what serves", "server/worker.py", "    limit_memory(memory)\n", "", "server/test_pool.py::test_memory_is_limited"),
    Guard("time of what serves", "server/process.py", "call_later(limits.timeout, give_up, waiting)", "call_later(600, give_up, waiting)", "whole/test_guards_removed.py::test_a_process_that_never_answers_is_given_up"),
    Guard("time of what serves, left alone", "server/worker.py", '        signal.setitimer(signal.ITIMER_REAL, request["timeout"] + GRACE)\n', "", "whole/test_guards_removed.py::test_a_process_that_is_left_alone_ends_itself"),
    Guard("an answer is its query's", "server/process.py", 'if head.get("id") != number:', "if False:", "server/test_pool.py::test_an_answer_belongs_to_its_query"),
    Guard("size of an answer", "server/worker.py", "if self.tell() + len(content) > self.limit:", "if False:", "server/test_pool.py::test_an_answer_that_is_too_large_is_none"),
    # requests
    Guard("hosts", "server/middleware.py", 'if host_name(hosts[0].decode("latin-1")) not in self.hosts:', "if False:", "server/test_serving.py::test_hosts_that_are_not"),
    Guard("the host of an address", "server/http_server.py", "            self._name_host(named[1])\n", "            pass\n", "server/test_hostile_requests.py::test_own_broken_requests[another's address under our host]"),
    Guard("one host", "server/middleware.py", "if len(hosts) != 1:", "if not hosts:", "server/test_hostile_requests.py::test_own_broken_requests[two hosts]"),
    Guard("size of a head", "server/middleware.py", "> self.limits.head:", "> 10**9:", "server/test_hostile_requests.py::test_own_broken_requests[3,000 headers]"),
    Guard("size of a body, as said", "server/middleware.py", "if not said.isdigit() or int(said) > limits.body:", "if False:", "server/test_hostile_requests.py::test_requests_of_the_corpus[020_chunked_huge.http]"),
    Guard("size of a body, as sent", "server/middleware.py", "        if size > limits.body:\n", "        if False:\n", "whole/test_guards_removed.py::test_a_body_in_chunks_is_counted"),
    Guard("time of a body", "server/middleware.py", "asyncio.timeout(limits.body_seconds)", "asyncio.timeout(None)", "server/test_serving_bounds.py::test_a_body_that_does_not_come[/sparql]"),
    Guard("a policy on every page", "server/middleware.py", '    "content-security-policy": POLICY,\n', "", "server/test_hostile_requests.py::test_requests_of_the_corpus[002_host_rebind_port.http]"),
    Guard("no compressed body", "server/protocol.py", 'if request.headers.get("content-encoding", "identity").lower() != "identity":', "if False:", "server/test_hostile_requests.py::test_own_broken_requests[a compressed body]"),
    # stores elsewhere
    Guard("https, or this machine", "sparql/remote_store.py", 'if parts.scheme == "http" and parts.hostname not in LOOPBACK:', "if False:", "sparql/test_push.py::test_addresses_that_are_not_taken"),
    Guard("no password in an address", "sparql/remote_store.py", "if parts.username is not None:", "if False:", "sparql/test_push.py::test_addresses_that_are_not_taken"),
    Guard("an answer that is whole", "sparql/remote_store.py", "if response.length:", "if False:", "sparql/test_push.py::test_a_store_that_lies_or_stalls"),
    Guard("an answer of the right kind", "sparql/remote_store.py", "if kind not in accept:", "if False:", "graph/test_stored.py::test_a_store_that_lies_or_stalls"),
    # files
    Guard("no link out of the project", "ingestion/reading/decoding.py", "if not path.resolve().is_relative_to(folder.resolve()):", "if False:", "ingestion/test_reading.py::test_a_link_out_of_the_project_is_not_followed"),
    Guard("no link out of it in tables", "bulk/batches.py", "if not path.resolve().is_relative_to(folder.resolve()):", "if False:", "whole/test_guards_removed.py::test_a_table_outside_the_project_is_not_read"),
    Guard("size of a file", "ingestion/reading/decoding.py", "if len(content) > MAX_BYTES:", "if False:", "whole/test_guards_removed.py::test_a_file_that_is_too_large"),
    Guard("what nobody sees", "ingestion/reading/decoding.py", "    _refuse_invisible(records, text, name)\n", "", "ingestion/test_reading.py::test_what_nobody_sees_is_told"),
    Guard("no anchors", "ingestion/reading/yaml_nodes.py", "kind is yaml.AliasEvent or (is_node and (event.anchor or", "(is_node and (", f"{CORPUS}::test_corpus_yaml_as_it_is[016_billion_laughs]"),
    Guard("no tags", "ingestion/reading/yaml_nodes.py", 'if getattr(event, "tag", None) is not None:', "if False:", f"{CORPUS}::test_corpus_yaml_as_it_is[019_python_tag]"),
    Guard("depth of YAML", "ingestion/reading/yaml_nodes.py", "len(stack) >= MAX_DEPTH or ", "", "ingestion/test_reading.py::test_depth_is_limited"),
    Guard("one document a file", "ingestion/reading/yaml_nodes.py", "elif root and kind is yaml.DocumentStartEvent:", "elif False:", "ingestion/test_bad_input.py::test_a_mistake_is_told"),
    Guard("length of a text", "ingestion/reading/records.py", "if len(text) > MAX_TEXT:", "if False:", f"{CORPUS}::test_corpus_in_our_format[yaml-048-long-name]"),
    Guard("length of a field", "ingestion/reading/csv_files.py", "if match.end() - match.start() > MAX_FIELD:", "if False:", f"{CORPUS}::test_corpus_csv_as_it_is[025_big_field]"),
    Guard("parts of a workbook", "ingestion/reading/xlsx.py", "if len(members) > MAX_MEMBERS:", "if False:", "ingestion/test_xlsx.py::test_a_trap_is_refused"),
    Guard("a workbook unpacked", "ingestion/reading/xlsx.py", "if sum(member.file_size for member in members) > MAX_TOTAL:", "if False:", "ingestion/test_xlsx.py::test_a_trap_is_refused"),
    Guard("a part unpacked", "ingestion/reading/xlsx.py", "if member.file_size > SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1):", "if False:", "ingestion/test_xlsx.py::test_a_trap_is_refused"),
    Guard("no part outside", "ingestion/reading/xlsx.py", 'if ".." in name.split("/") or name.startswith("/") or "\\\\" in name:', "if False:", "ingestion/test_xlsx.py::test_a_trap_is_refused"),
    Guard("ids that are safe", "ingestion/checking/values.py", "if ID.fullmatch(cell.text) and not _WINDOWS.fullmatch(cell.text):", "if True:", f"{CORPUS}::test_corpus_in_our_format[yaml-058-id-iri-inject]"),
    Guard("an ontology only adds", "model/ontology.py", 'yield Problem(Location(file, line, 1 if line else 0), "error", "KG115", message, hint)', "yield from ()", "model/test_ontology.py::test_a_broken_ontology_is_a_problem"),
    # RDF of others
    Guard("no DOCTYPE", "rdf/hostile_rdf.py", 'if piece.startswith("<!DOCTYPE"):', "if False:", f"{HOSTILE_RDF}[a DOCTYPE from elsewhere]"),
    Guard("depth of XML", "rdf/hostile_rdf.py", "if self.depth > MAX_DEPTH:", "if False:", f"{LARGE_RDF}[elements 50,000 deep]"),
    Guard("depth of JSON", "rdf/hostile_rdf.py", "            if depth > MAX_DEPTH:\n", "            if False:\n", f"{LARGE_RDF}[objects 100,000 deep]"),
    Guard("no context from elsewhere", "rdf/hostile_rdf.py", "if names_it or (in_context and depth == in_context):", "if False:", f"{HOSTILE_RDF}[a context from elsewhere]"),
    Guard("no context by escapes", "rdf/hostile_rdf.py", 'if "\\\\" not in piece:', "if True:", f"{HOSTILE_RDF}[a context spelt by escapes]"),
    Guard("size of an import", "formats/import_project.py", "if file.stat().st_size > MAX_BYTES:", "if False:", f"{LARGE_RDF}[a file of 60 MB]"),
    # what is written
    Guard("one rename commits", "files/outputs.py", "        stage.rename(folder / f\"{READY}{stage.name.removeprefix(PARTIAL)}\")\n", "        (folder / f\"{READY}{stage.name.removeprefix(PARTIAL)}\").mkdir(); [p.rename(folder / p.name) for p in stage.iterdir() if p.is_file()]\n", "files/test_faults.py::test_each_call_that_can_fail_fails_once"),
    Guard("files on the disk before the rename", "files/outputs.py", "            os.fsync(file.fileno())\n", "            pass\n", "whole/test_guards_removed.py::test_files_are_on_the_disk_before_they_are_committed"),
    Guard("who writes is let be", "files/outputs.py", "        if not in_use(left):\n", "        if True:\n", "files/test_faults.py::test_what_somebody_is_writing_is_let_be"),
    Guard("no folder overwritten", "files/outputs.py", "        if target.is_dir():\n", "        if False:\n", "files/test_faults.py::test_a_folder_in_the_way_changes_nothing"),
    Guard("outputs inside the project", "files/project.py", "if not folder.resolve().is_relative_to(project.resolve()):", "if False:", "commands/test_commands_fail_well.py::test_a_build_folder_that_leads_out_of_the_project_is_refused"),
    Guard("no generation half deleted", "files/cache.py", "            place.rename(gone)  # replaces the empty folder\n            shutil.rmtree(gone, ignore_errors=True)", "            shutil.rmtree(gone); shutil.rmtree(place, ignore_errors=True)", "server/test_kills.py::test_a_generation_half_deleted_is_not_taken_for_whole"),
    Guard("no generation that another makes", "files/cache.py", "        if not in_use(left):\n", "        if True:\n", "server/test_kills.py::test_two_that_make_one_generation_do_not_hinder_each_other"),
    Guard("no cell that runs", "files/cells.py", 'return f"\'{text}" if text.startswith(_RUNS) else text', "return text", "formats/test_tabular.py::test_no_cell_runs"),
    Guard("Ctrl-C while modules are imported", "__main__.py", "        signal.signal(number, signal.SIG_DFL)\n    from kg.commands.app", "        pass\n    from kg.commands.app", "commands/test_commands_fail_well.py::test_interrupted_at_an_import[kg.commands.app]"),
]  # fmt: skip
