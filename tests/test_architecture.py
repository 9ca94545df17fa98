"""The shape of the project: who imports whom, what is cheap, how long modules are."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("theory", "numerics", "derivations", "tms")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MOST_LINES = 400
MOST_LINES_OF_A_BODY = 60


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contract of ``folder`` on the packages in it."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200"},
    )


def imports(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.fixture
def copy(tmp_path):
    """The packages and their contract, to plant violations in."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_contract_holds():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("planted", "line", "chain"),
    [
        ("numerics/planted.py", "import theory.loss", "numerics.planted -> theory.loss"),
        ("numerics/planted.py", "from theory import loss", "numerics.planted -> theory.loss"),
        ("numerics/planted.py", "import theory.added", "numerics.planted -> theory.added"),
        (
            "numerics/planted.py",
            "import theory.vocabulary.scalars",
            "numerics.planted -> theory.vocabulary.scalars",
        ),
        ("numerics/planted.py", "import sympy", "numerics.planted -> sympy"),
        ("numerics/planted.py", "def f():\n    import flint", "numerics.planted -> flint"),
        ("numerics/planted.py", "import tms.oracle", "numerics.planted -> tms.oracle"),
        ("theory/planted.py", "import numpy", "theory.planted -> numpy"),
        ("theory/planted.py", "import numerics.series", "theory.planted -> numerics.series"),
        ("theory/planted.py", "import tms", "theory.planted -> tms"),
        ("theory/planted.py", "import derivations", "theory.planted -> derivations"),
        ("derivations/planted.py", "import numerics.series", "derivations.planted -> numerics"),
        ("derivations/planted.py", "import tms", "derivations.planted -> tms"),
        ("theory/vocabulary/scalars.py", "import sympy", "theory.vocabulary.scalars -> sympy"),
    ],
)
def test_a_planted_violation_is_caught(copy, planted, line, chain):
    (copy / "theory" / "added.py").write_text("")  # a module the contract has never heard of
    with (copy / planted).open("a") as stream:
        stream.write(f"\n{line}\n")
    result = lint_imports(copy)
    assert result.returncode == 1
    assert chain in result.stdout


def test_the_vocabulary_needs_the_standard_library_alone():
    for name in ("problem.py", "vocabulary/scalars.py"):
        foreign = {module.split(".")[0] for module in imports(ROOT / "theory" / name)}
        assert foreign - {"theory"} <= sys.stdlib_module_names


def test_nothing_imports_the_tests():
    assert not [path for path in MODULES if any(m.split(".")[0] == "tests" for m in imports(path))]


def test_import_tms_is_cheap():
    heavy = {"numpy", "scipy", "numba", "sympy", "flint", "pandas", "typer", "rich", "theory"}
    script = "import sys, tms; print(*{name.split('.')[0] for name in sys.modules})"
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not heavy & set(result.stdout.split())


def test_every_public_name_of_tms_is_there():
    import tms

    assert set(tms.__all__) <= set(dir(tms))
    assert [name for name in tms.__all__ if getattr(tms, name) is None] == []


def test_another_name_of_tms_is_an_attribute_error():
    import tms

    with pytest.raises(AttributeError, match="module 'tms' has no attribute 'nothing'"):
        tms.nothing  # noqa: B018


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES


def body_lines(function: ast.FunctionDef) -> int:
    """Lines of a function below its docstring."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return statements[-1].end_lineno - statements[0].lineno + 1 if statements else 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_is_short(path):
    functions = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]
    too_long = [f.name for f in functions if body_lines(f) > MOST_LINES_OF_A_BODY]
    assert too_long == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_outside_is_evaluated_or_unpickled(path):
    calls = [n.func for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
    names = {getattr(call, "id", getattr(call, "attr", "")) for call in calls}
    forbidden = {"eval", "exec", "sympify", "parse_expr", "nsimplify", "lambdify"}
    assert not names & forbidden
    assert not imports(path) & {"pickle", "dill", "cloudpickle"}
