"""Rules of the house that no other tool keeps."""

import ast
import pkgutil
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import config
from core import errors

# What costs a page seconds or hundreds of megabytes before anyone has asked for it.
SLOW = {"tensorflow", "keras", "xgboost", "sklearn", "tf2onnx", "duckdb"}
HEAVY = SLOW | {
    "onnxruntime",
    "onnx",
    "pandas",
    "scipy",
    "psutil",
    "requests",
    "joblib",
    "streamlit",
}


def loaded_by(modules: list[str]) -> set[str]:
    """Return the top-level packages that importing `modules` loads, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {', '.join(modules)}; print(*sys.modules)"],
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


def own_files() -> list[Path]:
    """Return what git keeps, or would keep once it is added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - wherever git lies
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this is no git checkout")
    paths = [config.ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_area_when_imported_then_none_of_its_tools_is_loaded():
    packages = pkgutil.iter_modules([str(config.ROOT / "core")], prefix="core.")
    drawn = {"core.store", "core.resources"}  # SQLAlchemy and Streamlit are what these are
    areas = [found.name for found in packages if found.ispkg and found.name not in drawn]
    assert areas
    assert loaded_by([*areas, "core.errors", "core.metrics", "core.log"]) & HEAVY == set()


def test_app_when_all_that_pages_draw_with_is_imported_then_nothing_slow_is_loaded():
    found = pkgutil.iter_modules([str(config.ROOT / "pages" / "ui")], prefix="pages.ui.")
    assert loaded_by(["core.resources", *(module.name for module in found)]) & SLOW == set()


def test_failure_when_it_serves_watches_and_explains_then_no_library_is_loaded_by_importing_it():
    trains = {"network", "training", "recorded"}
    found = pkgutil.iter_modules([str(config.ROOT / "core" / "failure")], prefix="core.failure.")
    names = [module.name for module in found if module.name.rpartition(".")[2] not in trains]
    assert {"core.failure.serving", "core.failure.watch"} <= set(names)
    assert loaded_by([*names, "core.commands.failure", "core.admin.health"]) & HEAVY == set()


def test_error_tree_when_drawn_then_it_is_the_one_of_the_classes():
    drawn = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"( *)(\w+(?:Error))\b", line)
        if match:
            drawn.append((len(match[1]) // 4, match[2]))

    def tree(error: type, depth: int = 0) -> list[tuple[int, str]]:
        below = [entry for sub in error.__subclasses__() for entry in tree(sub, depth + 1)]
        return [(depth, error.__name__), *below]

    assert drawn == [entry for entry in tree(errors.CoreError) if hasattr(errors, entry[1])]
    assert sorted(name for _, name in drawn) == sorted(errors.__all__)


def test_requirements_when_installed_then_every_direct_dependency_is_pinned():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (config.ROOT / name).read_text(encoding="utf-8").splitlines():
            requirement = line.partition("#")[0].strip()
            if requirement and not requirement.startswith("-r "):
                assert re.match(r"[\w.-]+(\[\w+\])?==[\w.]+(;|$)", requirement), requirement


def test_requirements_when_code_imports_a_library_then_it_is_listed():
    listed = set()
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (config.ROOT / name).read_text(encoding="utf-8")
        listed |= {found.lower() for found in re.findall(r"^([\w-]+)", text, flags=re.MULTILINE)}
    # Names under which a distribution is imported, and what comes with one that is listed.
    aliases = {"sklearn": "scikit-learn", "keras": "tensorflow", "starlette": "streamlit"}
    aliases |= {
        "fasttext": "fasttext-numpy2",
        "anyio": "streamlit",
        "argon2": "argon2-cffi",
        "cryptography": "authlib",
        "joserfc": "authlib",
        "urllib3": "requests",
        "grimp": "import-linter",
        "importlinter": "import-linter",
        "xdist": "pytest-xdist",
    }
    ours = {"app", "bench", "config", "core", "pages", "run", "tests"}
    for path in own_files():
        if path.suffix != ".py":
            continue
        for module in _imported(path):
            if module not in sys.stdlib_module_names and module not in ours:
                wanted = aliases.get(module, module).replace("_", "-")
                assert wanted in listed, f"{path.name} imports {module}"


def _imported(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.partition(".")[0])
    return modules


def test_files_when_kept_then_no_path_of_a_machine_is_in_them():
    # Put together here, so that this file does not hold what it looks for.
    folders = {config.ROOT.parent, Path.home()} - {Path("/"), Path(tempfile.gettempdir())}
    forbidden = [*(f"{folder}/" for folder in folders), "/" + "home/", "/" + "Users/"]
    for path in own_files():
        data = path.read_bytes()
        for text in forbidden:
            assert text.encode() not in data, f"{path.relative_to(config.ROOT)} names {text}"


def test_modules_when_written_then_each_says_what_it_is_and_none_is_too_long():
    for path in own_files():
        if path.suffix != ".py" or path.is_relative_to(config.ROOT / "tests"):
            continue
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), f"{path.name} has no docstring"
        assert text.count("\n") <= 400, f"{path.name} is longer than 400 lines"
