"""Fuzz one target for so many seconds with atheris: python tests/fuzz/run.py NAME SECONDS CORPUS_FOLDER."""

import sys

import atheris

with atheris.instrument_imports(include=["kg"]):
    from targets import TARGETS

if __name__ == "__main__":
    name, seconds, corpus = sys.argv[1:]
    found = f"-artifact_prefix={corpus}/crash-"
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2000", found, corpus], TARGETS[name]
    )
    atheris.Fuzz()
