import subprocess
import sys


def test_naming_the_area_loads_nothing_heavy() -> None:
    program = (
        "import sys, core.dataset; "
        "print(sorted({'pandas', 'pyarrow', 'sklearn', 'duckdb'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
