"""Two ticket models, trained once for all tests, which leave them as they are."""

import pytest

from core import artifacts
from core.tickets.train import train
from tests.core.commands.tickets.ticket_files import FRAME
from tests.core.tickets.some_tickets import some_tickets


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A models folder with two versions, the first of them active."""
    folder = tmp_path_factory.mktemp("models")
    train(some_tickets(400), folder, candidates=["linear_svm"], source="400 tickets")
    train(FRAME, folder, candidates=["logistic"], source="240 tickets")
    artifacts.activate(folder, "tickets", "v0001")
    return folder
