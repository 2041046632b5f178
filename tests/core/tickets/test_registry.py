import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import UnknownNameError
from core.tickets.candidates.logistic import Logistic
from core.tickets.registry import candidate_names, create_candidate, register

ROOT = Path(__file__).resolve().parents[3]


def test_names_are_sorted_and_each_builds_its_candidate():
    assert list(candidate_names()) == sorted(candidate_names())
    assert all(create_candidate(name).name == name for name in candidate_names())


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="No ticket model is named 'bert'; there are linear"):
        create_candidate("bert")


def test_a_name_can_be_taken_once():
    class Other(Logistic):
        pass

    with pytest.raises(ValueError, match="two ticket models are named 'logistic'"):
        register(Other)


def test_a_name_is_an_identifier():
    class Spaced(Logistic):
        name = "my model"

    with pytest.raises(ValueError, match="named like a variable"):
        register(Spaced)


def test_importing_the_area_loads_no_heavy_library():
    code = (
        "import sys, core.tickets, core.tickets.train, core.tickets.predict, core.tickets.review;"
        "from core.tickets.registry import candidate_names; candidate_names();"
        "print({m.partition('.')[0] for m in sys.modules}"
        " & {'sklearn', 'xgboost', 'pandas', 'scipy', 'joblib', 'tensorflow', 'streamlit'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "set()"
