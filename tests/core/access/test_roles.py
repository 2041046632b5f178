"""Who may change things, and what the others are told."""

import getpass

import pytest

from core.access import VIEWER, Actor, Role, command_line_actor, require_admin
from core.errors import NotAllowedError


def test_admin_when_asking_then_nothing_stands_in_the_way():
    require_admin(Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1"), "import a dataset")


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        (VIEWER, "nobody is signed in"),
        (Actor(name="vic", role=Role.VIEWER, origin="127.0.0.1"), "vic is signed in as a viewer"),
    ],
)
def test_viewer_when_asking_then_the_refusal_says_what_who_and_what_to_do(actor, said):
    with pytest.raises(NotAllowedError) as refused:
        require_admin(actor, "import a dataset")
    assert "Only an admin may import a dataset" in str(refused.value)
    assert said in str(refused.value)
    assert "Sign in" in str(refused.value)


def test_command_line_when_the_user_has_no_name_then_it_is_still_an_admin(monkeypatch):
    def nameless() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", nameless)
    actor = command_line_actor()
    assert (actor.name, actor.role) == ("unknown user", Role.ADMIN)
