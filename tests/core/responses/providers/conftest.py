"""Retries without their pauses."""

import pytest


@pytest.fixture
def no_pauses(monkeypatch):
    """Let retries follow each other at once."""
    monkeypatch.setattr("core.responses.providers.huggingface.FIRST_PAUSE_S", 0.001)
