"""The results of the benchmark of the build as a picture: processor seconds by rows. Runs where matplotlib is."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt


def main(results: Path, picture: Path) -> None:
    """Draw a line for each tool, on logarithmic axes."""
    plt.rcParams["svg.hashsalt"] = "autokg"
    plt.rcParams["svg.fonttype"] = "none"
    figures = {int(rows): by for rows, by in json.loads(results.read_text("utf-8")).items()}
    tools = list(dict.fromkeys(tool for by in figures.values() for tool in by))
    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    for tool in tools:
        sizes = [rows for rows in sorted(figures) if tool in figures[rows]]
        seconds = [figures[rows][tool]["processor"] for rows in sizes]
        ours = tool == "kg"
        axes.plot(sizes, seconds, marker="o", linewidth=3 if ours else 1.2, markersize=6 if ours else 4, label=tool)
    axes.set(xscale="log", yscale="log", xlabel="rows", ylabel="processor seconds", title="Rows of a table to Turtle")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
