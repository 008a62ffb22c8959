"""Executes the notebooks against a fresh demo dataset.

Usage: execute.py PROGRAM [--update]

Compares the outputs with the committed ones, or replaces them with --update.
"""

import argparse
import difflib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from matplotlib import font_manager  # noqa: F401 (fills the font cache, or else a kernel warns that it does)
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

HERE = Path(__file__).resolve().parent
IMAGES = ("image/png", "image/svg+xml")
TEXTS = ("text/plain", "text/html")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed(path: Path, program: Path, folder: Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    environment = {
        **os.environ,
        "ECSTRAIL_DATASET": str(folder / "dataset"),
        "IPYTHONDIR": str(folder / "ipython"),
        "TMPDIR": str(folder),
        "PATH": f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    client = NotebookClient(
        notebook,
        config=Config(KernelManager={"transport": "ipc", "ip": str(folder / "kernel")}),
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        timeout=120,
    )
    client.execute(env=environment)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    return notebook


def lines(notebook: nbformat.NotebookNode) -> list[str]:
    """The outputs as lines of text, each image as its type."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            found.append(f"[{cell.id}] {output.output_type} {output.get('name', '')}".rstrip())
            data = output.get("data", {})
            found += output.get("text", "").splitlines()
            found += [line for kind in TEXTS for line in data.get(kind, "").splitlines()]
            found += [f"({kind})" for kind in IMAGES if data.get(kind)]
    return found


def complaints(notebook: nbformat.NotebookNode, folder: Path) -> list[str]:
    """What no output may hold."""
    found = []
    for cell in notebook.cells:
        if any(output.get("name") == "stderr" for output in cell.get("outputs", [])):
            found.append(f"cell {cell.id} writes to stderr")
    if any(str(folder) in line for line in lines(notebook)):
        found.append(f"an output names {folder}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path, help="path of the ecstrail program")
    parser.add_argument("--update", action="store_true", help="write the outputs into the notebooks")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    failed = False
    with tempfile.TemporaryDirectory(prefix="ecstrail-notebooks-") as name:
        folder = Path(name).resolve()
        subprocess.run([program, "demo", "--to", folder], check=True, capture_output=True)
        for path in sorted(HERE.glob("*.ipynb")):
            try:
                notebook = executed(path, program, folder)
            except CellExecutionError as error:
                print(f"{path.name} failed:\n{error}")
                failed = True
                continue
            problems = complaints(notebook, folder)
            if not arguments.update:
                committed = lines(nbformat.read(path, as_version=4))
                problems += difflib.unified_diff(
                    committed, lines(notebook), "committed", "executed", lineterm=""
                )
            elif not problems:
                nbformat.write(notebook, path)
            print(
                f"{path.name}: {'differs' if problems else 'written' if arguments.update else 'as committed'}"
            )
            print("".join(f"{problem}\n" for problem in problems), end="")
            failed |= bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
