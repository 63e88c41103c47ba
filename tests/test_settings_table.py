"""The README's table of settings names every variable that is read, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources import ROOT, python_files
from webapp.config import NUMBERS, REQUIRED
from webapp.config_passes import APPLE, GOOGLE

# What a mapping of variables is called here, and who reads one by its name.
ENVIRONMENTS = {"environ", "environment", "values", "own", "operator"}
READERS = {"whole_number", "_number", "read_port"}


def names_in_table() -> set[str]:
    section = (ROOT / "README.md").read_text().split("\n## Settings\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`([A-Z_]+)`", " ".join(rows)))


def names_read_by_shell() -> Iterator[str]:
    for path in [*(ROOT / "deploy").glob("*.sh"), ROOT / ".ci" / "run"]:
        yield from re.findall(r"\$\{([A-Z_]+)[:}]", path.read_text())


def names_read_by_python(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for key in keys_asked_for(tree):
        name = constants.get(key.id) if isinstance(key, ast.Name) else ast.literal_eval(key)
        # WSGI calls a request's headers its environment.
        if isinstance(name, str) and name.isupper() and not name.startswith("HTTP_"):
            yield name


def keys_asked_for(tree: ast.Module) -> Iterator[ast.expr]:
    """What is looked up in an environment: by key, by ``get``, by ``in``, or by a reader."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value, key, ast.Load()) if is_environment(value):
                found = key
            case ast.Compare(key, [ast.In() | ast.NotIn()], [value]) if is_environment(value):
                found = key
            case ast.Call(ast.Attribute(value, "get"), [key, *_]) if is_environment(value):
                found = key
            case ast.Call(ast.Name(reader), [_, key, *_]) if reader in READERS:
                found = key
            case _:
                continue
        if isinstance(found, ast.Constant | ast.Name):
            yield found


def is_environment(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name.removeprefix("_") in ENVIRONMENTS


def names_read() -> set[str]:
    found = {
        name
        for path in python_files("webapp", "blueprints", "jobs", "deploy", "migrations")
        for name in names_read_by_python(path)
    }
    listed = NUMBERS.keys() | REQUIRED.keys() | APPLE.keys() | GOOGLE.keys()
    return found | set(names_read_by_shell()) | listed


def test_settings_table_names_what_is_read_and_nothing_else():
    assert sorted(names_in_table()) == sorted(names_read())


@pytest.mark.parametrize(
    "code",
    [
        'os.environ["DOORS"]',
        'os.environ.get("DOORS") or 2',
        'if "DOORS" not in environment: pass',
        'whole_number(values, "DOORS")',
        'DOORS: Final = "DOORS"\nos.environ.get(DOORS)',
    ],
)
def test_every_way_of_reading_a_variable_is_seen(tmp_path, code):
    path = tmp_path / "reads.py"
    path.write_text(code)

    assert list(names_read_by_python(path)) == ["DOORS"]
