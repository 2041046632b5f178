"""Where the app may listen without a lock on its door."""

import pytest

from core.access import is_loopback, refuse_open_door
from core.errors import SettingsError


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost"])
def test_address_when_only_this_machine_reaches_it_then_no_lock_is_asked_for(address):
    assert is_loopback(address)
    refuse_open_door(address, has_password=False, has_provider=False)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "", "192.0.2.7", "no such name"])
def test_address_when_others_reach_it_then_the_refusal_says_why_and_what_to_do(address):
    with pytest.raises(SettingsError) as refused:
        refuse_open_door(address, has_password=False, has_provider=False)
    for word in ("other machines", "admin set-password", "[auth]", "127.0.0.1"):
        assert word in str(refused.value)
    refuse_open_door(address, has_password=True, has_provider=False)
    refuse_open_door(address, has_password=False, has_provider=True)
