"""Faults while files are written: whatever fails, all the old ones stand or all the new ones, and nothing is left behind."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from amounts import amount, chance
from kg.files.outputs import GONE, PARTIAL, READY, recover, staged, write_file, write_files
from kg.model.errors import ProjectError

KILLS = amount("KG_KILLS", 10)
NAMES = [f"{name}.txt" for name in "abcd"] + ["deep/er.txt"]
OLD, NEW = ({name: f"{age} {name}" * 50 for name in NAMES} for age in ("old", "new"))


def content(folder: Path) -> dict[str, str]:
    """Return the texts of every file of a folder by name."""
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in folder.rglob("*") if p.is_file()}


class Failing:
    """Calls that reach the disk, of which the one with a given number fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        """Stand in for each of them."""
        self.left = number
        for module, name in (
            (os, "mkdir"),
            (os, "rename"),
            (os, "replace"),
            (os, "fsync"),
            (os, "open"),
            (os, "unlink"),
            (io, "open"),
        ):
            monkeypatch.setattr(module, name, self._counted(getattr(module, name)))

    def _counted(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*words: object, **options: object) -> object:
            self.left -= 1
            if self.left == 0:
                raise OSError(28, "No space left on device", str(words[0]))
            return real(*words, **options)

        return call


PARTS = {"parts/one.ttl": "old", "parts/two.ttl": "old"}


@pytest.mark.parametrize(
    "before", [OLD, {}, OLD | PARTS], ids=["a folder with files", "no folder yet", "files that are to go"]
)
def test_each_call_that_can_fail_fails_once(tmp_path: Path, before: dict[str, str]) -> None:
    """Fail the first call, the second, … until none is hit: every file is old, or every file is new, never a mix."""
    for number in range(1, 200):
        folder = tmp_path / f"{number}" / "out"
        if before:
            write_files(folder, before)
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing(patch, number)
            try:
                write_files(folder, NEW, instead_of=["parts/*"])
                failed = False
            except ProjectError as error:
                failed = True
                assert "No space left" in str(error)
        left = {name.removeprefix("out/"): text for name, text in content(folder.parent).items()}
        assert left == NEW or (failed and left == before), number
        write_files(folder, NEW, instead_of=["parts/*"])
        assert sorted(content(folder.parent)) == [f"out/{name}" for name in sorted(NAMES)]
        assert list(folder.parent.rglob(".kg-*")) == []
        if failing.left > 0:
            assert not failed
            assert number > 20  # many calls were hit on the way
            return
    pytest.fail("there was no end to the calls")


WRITER = """
import sys
from pathlib import Path
from kg.files.outputs import write_files
names, folder, number = sys.argv[2].split("|"), Path(sys.argv[1]), 0
print("ready", flush=True)
while True:
    number += 1
    write_files(folder, {name: f"{number} " * 2000 for name in names})
"""


@pytest.mark.more
def test_a_writer_killed_at_any_moment_leaves_one_whole_set(tmp_path: Path) -> None:
    """``kill -9`` at random moments: after the next look at the folder all files are of one set; nothing is left over."""
    draws, folder = chance(7), tmp_path / "out"
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), "|".join(NAMES)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(draws.uniform(0.0, 0.05))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        if folder.exists():
            recover(folder)
            found = content(folder)
            assert sorted(found) in ([], sorted(NAMES))
            assert len({text.split()[0] for text in found.values()}) <= 1
            assert len({len(text.split()) for text in found.values()} - {2000}) == 0
    write_files(folder, NEW)
    assert content(tmp_path) == {f"out/{name}": text for name, text in NEW.items()}


def test_what_was_committed_is_finished_and_what_was_not_is_deleted(tmp_path: Path) -> None:
    """Leftovers of the dead: a committed set is moved into place, a half-written one goes."""
    write_files(tmp_path, OLD)
    write_files(tmp_path / f"{READY}1", {"a.txt": "committed"})
    write_files(tmp_path / f"{PARTIAL}2", {"b.txt": "half"})
    recover(tmp_path)
    assert content(tmp_path) == {**OLD, "a.txt": "committed"}


def test_what_goes_with_the_commit_is_inside(tmp_path: Path) -> None:
    """What an earlier run wrote goes, whatever else matches stays; a list of a stranger's reaches nothing outside."""
    folder, outside = tmp_path / "out", tmp_path / "mine.txt"
    outside.write_text("mine", "utf-8")
    write_files(folder, {**OLD, **PARTS, "parts/notes.txt": "kept"})
    write_files(folder, {"parts/two.ttl": "new"}, instead_of=["parts/*.ttl"])
    assert content(folder) == {**OLD, "parts/two.ttl": "new", "parts/notes.txt": "kept"}
    (folder / "link").symlink_to(tmp_path)
    ready = folder / f"{READY}0"
    ready.mkdir()
    (ready / GONE).write_text(
        "\0".join(["../mine.txt", str(outside), "link/mine.txt", "parts/two.ttl", "parts", ""]), "utf-8"
    )
    recover(folder)
    assert outside.read_text("utf-8") == "mine"
    assert sorted(path.name for path in (folder / "parts").iterdir()) == ["notes.txt"]


def test_what_somebody_is_writing_is_let_be(tmp_path: Path) -> None:
    """A folder of new files whose writer lives is not taken for a dead one's."""
    with staged(tmp_path) as stage:
        (stage / "a.txt").write_text("mine", encoding="utf-8")
        write_files(tmp_path, {"b.txt": "yours"})
        recover(tmp_path)
    assert content(tmp_path) == {"a.txt": "mine", "b.txt": "yours"}


def test_two_writers_at_once_leave_one_whole_set(tmp_path: Path) -> None:
    """Many writers of the same files: the last one's stand, whole."""
    sets = [dict.fromkeys(NAMES, f"set {number}") for number in range(16)]
    threads = [threading.Thread(target=write_files, args=(tmp_path / "out", texts)) for texts in sets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert content(tmp_path / "out") in sets


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """A link at an output's place does not lead the text elsewhere."""
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").symlink_to(victim)
    write_files(tmp_path / "out", {"a.txt": "new"})
    assert (victim.read_text("utf-8"), (tmp_path / "out" / "a.txt").read_text("utf-8")) == ("mine", "new")


def test_rights_of_a_file_are_kept(tmp_path: Path) -> None:
    """A file that only its owner may read stays so."""
    path = tmp_path / "a.txt"
    write_file(path, "old")
    path.chmod(0o600)
    write_file(path, "new")
    assert (path.stat().st_mode & 0o777, path.read_text("utf-8")) == (0o600, "new")


@pytest.mark.parametrize("name", ["a.txt", "b.txt"])
def test_a_folder_in_the_way_changes_nothing(tmp_path: Path, name: str) -> None:
    """Where one file cannot be put, none is."""
    (tmp_path / name).mkdir()
    with pytest.raises(ProjectError, match="a folder has this name"):
        write_files(tmp_path, {"a.txt": "1", "b.txt": "2"})
    assert content(tmp_path) == {}


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    """A pipe gets the text, and stays a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_file(pipe, "text")
    reader.join()
    assert got == [b"text"]
    assert pipe.is_fifo()


SIZES = [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Give a maker of disks of so many kB; skip where none can be mounted."""
    mounted: list[Path] = []

    def make(size: int) -> Path:
        place = tmp_path / f"disk{size}"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(place)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("a small disk cannot be mounted here")
        mounted.append(place)
        return place

    yield make
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_full_disk_leaves_the_old_files(small_disk: Callable[[int], Path]) -> None:
    """At 20 sizes, from no room to enough: all new, or all old with a message that names the path."""
    outcomes = set()
    for room in SIZES:
        disk = small_disk(room + 60)  # room for the old ones, and so much more
        write_files(disk / "out", dict.fromkeys(NAMES, "old" * 1000))
        try:
            write_files(disk / "out", dict.fromkeys(NAMES, "new" * 8000))
            word = "new"
        except ProjectError as error:
            word = "old"
            assert str(disk) in str(error)
        outcomes.add(word)
        found = content(disk)
        assert sorted(found) == sorted(f"out/{name}" for name in NAMES)
        assert {text[:3] for text in found.values()} == {word}
        assert {len(text) for text in found.values()} == {3000 if word == "old" else 24000}
    assert outcomes == {"old", "new"}
