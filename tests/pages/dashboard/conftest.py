"""A small fleet, imported and forecast once."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import dataset
from core.kept_forecasts import kept_or_forecast
from core.resources.fleet_work import DAY_S
from tests.pages.dashboard.drawn import MAIN, Open, imported
from tests.pages.some_fleet import some_fleet


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a small fleet and, as after a restart, the forecasts made of it."""
    data = imported(some_fleet(), tmp_path_factory.mktemp("fleet"))
    horizon_s = config.load().forecast_days * DAY_S
    kept_or_forecast(dataset.current(data), horizon_s, lambda done, text: None)
    return data


@pytest.fixture
def opened(fleet: Path, own_folders: Path) -> Open:
    """Return what opens the page on the small fleet, at an address with the given parameters."""

    def run(data: Path | None = fleet, **address: str | list[str]) -> AppTest:
        if data is not None:
            shutil.copytree(data, own_folders / "data", dirs_exist_ok=True)
        app = AppTest.from_file(MAIN, default_timeout=60)
        app.switch_page("dashboard.py")
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return run
