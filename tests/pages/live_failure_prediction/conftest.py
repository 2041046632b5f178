"""The live page on the host of a scene."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import resources
from tests.pages import fakes

MAIN = str(config.ROOT / "pages" / "main.py")

Meet = Callable[[fakes.Scene], AppTest]


@pytest.fixture
def meet(monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Return what opens the live page on the host of a scene."""

    def model(scene: fakes.Scene) -> fakes.FakeFailureModel:
        if isinstance(scene.model, Exception):
            raise scene.model
        return scene.model

    def opened(scene: fakes.Scene) -> AppTest:
        monkeypatch.setattr(resources, "sampler", lambda: scene.sampler)
        monkeypatch.setattr(resources, "watch", lambda: scene.watch)
        monkeypatch.setattr(resources, "failure_model", lambda: model(scene))
        app = AppTest.from_file(MAIN, default_timeout=30)
        app.switch_page("live_failure_prediction.py").run()
        assert not app.exception
        return app

    return opened
