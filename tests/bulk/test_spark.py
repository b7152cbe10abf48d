"""A build on a Spark cluster: a master and two workers on loopback, one of them killed in the middle of the job."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import polars as pl
import pyoxigraph
import pytest

import kg
from kg.bulk.outputs import write_trig
from projects import make_project

if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is not here", allow_module_level=True)
pyspark = pytest.importorskip("pyspark", reason="pip install 'autokg[spark]'")

ROWS = 12_000
PATIENCE = 300
MAPPING = """file: {file}
source: s1
columns:
  stance: {{from: $status, denied: denies, ~^a: asserts}}
entities:
  maker: {{key: $maker, type: firm, en: $maker}}
  product: {{key: $product, type: model, en: $product}}
claims:
- {{agent: $maker, role: carmaker, target: $product, from: $since, stance: $stance, note: $line}}
- {{where: $seller, agent: $maker, role: retailer, target: $product, note: $seller}}
"""
WRITTEN = (
    "agent: maker-m1, role: carmaker, target: product-p3",
    "agent: maker-m7, role: carmaker, stance: denies",
    "agent: a, role: carmaker, target: product-p5",
)
# Small slices and buckets, so that few rows keep two workers busy for a while.
DRIVER = """
import sys
import kg
from kg.bulk import parts, spark
parts.BUCKET_ROWS, spark.SLICE = 400, 1500
kg.load(sys.argv[1]).write(sys.argv[2], master=sys.argv[3], allow_rejects=True)
"""


def project(folder: Path) -> Path:
    """Return a project whose tables and files bear upon each other, with doubles, denials and rows that are wrong."""
    files = {f"tables__t{number}_yaml": MAPPING.format(file=f"t{number}.csv") for number in (1, 2)}
    made = make_project(folder, *WRITTEN, **files)
    for salt, name in enumerate(("t1", "t2"), 1):
        number = pl.int_range(ROWS // 2, eager=True)
        frame = pl.DataFrame(
            {
                "maker": "M" + (number * 7 % 211).cast(pl.String),
                "product": "P" + (number * 13 * salt % 1009).cast(pl.String),
                "since": pl.select(
                    pl.when(number % 97 == 5).then(pl.lit("soon")).otherwise(pl.lit("2019"))
                ).to_series(),
                "status": pl.select(
                    pl.when(number % 31 == 0).then(pl.lit("denied")).otherwise(pl.lit("a"))
                ).to_series(),
                "line": "row " + (number // 3).cast(pl.String) + ', "名"',
                "seller": pl.select(pl.when(number % 5 == 0).then(pl.lit("sold"))).to_series(),
            }
        )
        frame.write_csv(made / "tables" / f"{name}.csv")
    return made


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


ENVIRONMENT = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}


def started(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a daemon of Spark, in a group of its own."""
    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    with log.open("wb") as file:
        return subprocess.Popen(
            [program, *arguments], stdout=file, stderr=file, env=ENVIRONMENT, start_new_session=True
        )


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Give the URL of a master, and its two workers."""
    port, logs = free_port(), tmp_path / "logs"
    logs.mkdir()
    url, there = f"spark://127.0.0.1:{port}", ("--host", "127.0.0.1")
    where = "org.apache.spark.deploy"
    master = started(logs / "master", f"{where}.master.Master", *there, "--port", str(port), "--webui-port", "0")
    wait_for(lambda: "Starting Spark master" in (logs / "master").read_text("utf-8"))
    workers = [
        started(
            logs / name, f"{where}.worker.Worker", *there, "--cores", "1", "--memory", "1g", "--webui-port", "0",
            "--work-dir", str(tmp_path / name), url,
        )
        for name in ("one", "two")
    ]  # fmt: skip
    wait_for(lambda: (logs / "master").read_text("utf-8").count("Registering worker") == 2)
    yield url, workers
    for daemon in (*workers, master):
        end(daemon)


def end(daemon: subprocess.Popen[bytes]) -> None:
    """End a daemon and what it started, at once."""
    if daemon.poll() is None:
        os.killpg(daemon.pid, signal.SIGKILL)
    daemon.wait()


def wait_for(condition: object) -> None:
    """Wait until a condition holds."""
    until = time.monotonic() + PATIENCE
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.05)


def local_quads(made: Path, folder: Path) -> set[str]:
    """Return the quads that one machine makes, as it loads them into a store."""
    graph, file = kg.load(made), BytesIO()
    assert graph.tables is not None
    folder.mkdir()
    write_trig(graph.tables, graph.frame, folder, file)
    return set(map(str, pyoxigraph.parse(file.getvalue(), pyoxigraph.RdfFormat.TRIG)))


def test_a_cluster_that_loses_a_worker_writes_the_same(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    """The quads of a cluster are those of one machine, and so are claims and rejects, though a worker was killed."""
    made, out = project(tmp_path / "project"), tmp_path / "out"
    url, workers = cluster
    said = tmp_path / "said"
    with said.open("wb") as file:
        job = subprocess.Popen([sys.executable, "-c", DRIVER, made, out, url], env=ENVIRONMENT, stderr=file)
    wait_for(lambda: job.poll() is not None or len(list(tmp_path.glob(".kg-partial-*/quads/*.nq"))) > 2)
    assert job.poll() is None, said.read_text("utf-8")
    end(workers[0])
    assert job.wait(PATIENCE) == 0, said.read_text("utf-8")
    assert "Lost executor" in said.read_text("utf-8")
    files = sorted((out / "quads").glob("*.nq"))
    quads = [str(quad) for path in files for quad in pyoxigraph.parse(path=path)]
    assert len(files) > 10
    assert len(quads) == len(set(quads))
    assert set(quads) == local_quads(made, tmp_path / "local")
    kg.build(made, tmp_path / "here", allow_rejects=True)
    assert (out / "rejects.csv").read_text() == (tmp_path / "here" / "rejects.csv").read_text()
    assert (out / "rejects.csv").read_text().count("\n") > 100
    for table in ("t1", "t2"):
        there, here = (claims(folder / "claims" / table) for folder in (out, tmp_path / "here"))
        assert there.equals(here)
    assert not list(tmp_path.glob(".kg-partial-*"))


def claims(folder: Path) -> pl.DataFrame:
    """Return the claims of a table, in one order."""
    frame = pl.scan_parquet(folder / "*.parquet", missing_columns="insert", extra_columns="ignore").collect()
    return frame.select(sorted(frame.columns)).sort("claim")


def test_what_a_cluster_cannot_do_is_told(tmp_path: Path) -> None:
    """A project without tables needs no cluster."""
    made = make_project(tmp_path, "agent: a, role: retailer, target: car")
    with pytest.raises(kg.UsageError, match="kg build alone"):
        kg.load(made).write(tmp_path / "out", master="local[2]")
