"""Rules of the house that a reader would otherwise have to watch over."""

import ast
import re

import pytest

from tests.sources import ROOT, imported_names, python_files

PACKAGES = ("webapp", "blueprints", "jobs", "paysandbox", "bench")
MAX_LINES = 300
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "service", "services", "misc"}

EDGES = ("blueprints", "jobs")
OUTSIDE = ("stripe", "resend", "redis", "rq")
RULES = ("webapp.domain", "webapp.flows", "webapp.models")
# Layer -> import prefixes it must never reach.
FORBIDDEN_IMPORTS = {
    "webapp/models": (
        "webapp.domain",
        "webapp.flows",
        "webapp.gateways",
        *EDGES,
        "flask",
        *OUTSIDE,
    ),
    "webapp/domain": (
        "webapp.flows",
        "webapp.gateways",
        "webapp.extensions",
        "webapp.config",
        "webapp.clock",
        *EDGES,
        "flask",
        *OUTSIDE,
    ),
    "webapp/flows": ("webapp.gateways", "webapp.clock", *EDGES, "flask", *OUTSIDE),
    "webapp/documents": ("webapp.flows", "webapp.gateways", *EDGES, *OUTSIDE),
    "webapp/gateways": (*RULES, *EDGES),
    "webapp/embedded": (*RULES, *EDGES),
    "webapp/supervisor": (*RULES, *EDGES),
    "blueprints": ("jobs", "webapp.gateways", "webapp.clock", *OUTSIDE),
    "jobs": ("blueprints", "webapp.gateways", "stripe", "resend"),
    "paysandbox": ("webapp", *EDGES),
}


@pytest.mark.parametrize(("layer", "banned"), FORBIDDEN_IMPORTS.items())
def test_layer_imports_only_downwards(layer, banned):
    offenders = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files(layer)
        for name in imported_names(path)
        if name in banned or name.startswith(tuple(f"{prefix}." for prefix in banned))
    ]

    assert offenders == []


def test_application_never_imports_the_sandbox():
    offenders = [
        str(path.relative_to(ROOT))
        for path in python_files("webapp", "blueprints", "jobs")
        for name in imported_names(path)
        if name.split(".")[0] == "paysandbox"
    ]

    assert offenders == []


def test_tests_import_no_test():
    offenders = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files("tests", "e2e", "bench")
        for name in imported_names(path)
        if re.match(r"(tests|e2e)\.(.+\.)?test_", name)
    ]

    assert offenders == []


def test_only_the_edges_and_the_flows_open_a_transaction():
    allowed = ("blueprints/", "jobs/", "webapp/flows/", "webapp/cli", "webapp/transaction.py")
    offenders = [
        str(path.relative_to(ROOT))
        for path in python_files("webapp", "blueprints", "jobs")
        if re.search(r"\btransaction\(\)", path.read_text())
        and "webapp.transaction.transaction" in set(imported_names(path))
        and not str(path.relative_to(ROOT)).startswith(allowed)
    ]

    assert offenders == []


def test_commit_stands_in_one_file():
    offenders = [
        str(path.relative_to(ROOT))
        for path in python_files("webapp", "blueprints", "jobs")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]

    assert offenders == ["webapp/transaction.py"]


def test_domain_takes_the_time_as_an_argument():
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("webapp/domain", "webapp/models", "webapp/flows")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"utcnow", "today", "now"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date", "time"}
    ]

    assert offenders == []


def test_find_may_answer_none_and_get_never_does():
    offenders = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in python_files("webapp/domain", "webapp/flows")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and (verb := node.name.lstrip("_").partition("_")[0]) in {"find", "get"}
        and ("None" in ast.unparse(node.returns)) is (verb == "get")
    ]

    assert offenders == []


def test_no_file_is_longer_than_a_reader_can_hold():
    folders = (*PACKAGES, "tests", "e2e", "migrations", "templates", "static", "deploy")
    offenders = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".html", ".css", ".js", ".sh", ".sql"}
        and not {"vendor", "node_modules"} & set(path.parts)
        and (count := len(path.read_text().splitlines())) > MAX_LINES
    ]

    assert offenders == []


def test_no_module_has_a_name_that_says_nothing():
    offenders = [
        str(path.relative_to(ROOT))
        for path in python_files(*PACKAGES, "tests", "e2e")
        if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES
    ]

    assert offenders == []


def test_nobody_catches_everything():
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("webapp/domain", "webapp/flows", "webapp/models", "blueprints")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    ]

    assert offenders == []


def test_tests_never_patch_our_own_code():
    word = "mock" + ".patch"
    offenders = [
        str(path.relative_to(ROOT))
        for path in python_files("tests", "e2e")
        if word in path.read_text() or "unittest" + ".mock" in path.read_text()
    ]

    assert offenders == []


def test_tests_never_sleep():
    # One place looks again and again until a deadline; everything else calls it.
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("tests", "e2e")
        if path != ROOT / "tests" / "waiting.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}
    ]

    assert offenders == []
