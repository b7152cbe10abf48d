"""Fuzz one target with atheris: python tests/fuzz/run.py NAME CORPUS_FOLDER OPTION_OF_LIBFUZZER…."""

import sys

import atheris

with atheris.instrument_imports(include=["kg"]):
    from targets import TARGETS

if __name__ == "__main__":
    name, corpus, *options = sys.argv[1:]
    found = f"-artifact_prefix={corpus}/crash-"
    atheris.Setup([sys.argv[0], *options, "-timeout=60", "-rss_limit_mb=2000", found, corpus], TARGETS[name])
    atheris.Fuzz()
