"""Signing in and out through an OpenID Connect provider, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.identity_provider import Person, Provider, running_provider
from tests.e2e.server import RunningApp, running_app

ADA = Person(name="Ada", email="Ada@example.org")
BOB = Person(name="Bob", email="bob@example.org")
EVE = Person(name="Eve", email="ada@example.org", claims={"email_verified": False})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider(ADA, BOB, EVE) as provider:
        yield provider


@pytest.fixture(scope="module")
def app(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("provided")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit/secrets.toml").write_text(provider.secrets_toml(), encoding="utf-8")
    with running_app(folder, ADMIN_EMAILS="ada@example.org") as app:
        yield app


def signed_in(visit: Visit, app: RunningApp, person: Person) -> Page:
    """Open Admin, sign in as `person` at the provider, and come back."""
    page = visit.open(f"{app.address}/admin")
    page.get_by_test_id("stMain").get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=person.name).click()
    page.wait_for_url(f"{app.address}/admin")
    return page


def test_admin_when_the_provider_vouches_for_their_address_then_admin_opens_until_they_sign_out(
    provider, app, visit: Visit, patience_ms
):
    page = signed_in(visit, app, ADA)
    expect(page.get_by_role("radio", name="People and audit")).to_be_visible()
    assert page.evaluate("document.cookie").count("_streamlit_user") == 0
    kept = {one["name"]: one for one in page.context.cookies()}
    assert kept["_streamlit_user"]["httpOnly"]
    assert "capacity_way_back" not in kept

    other = page.context.new_page()
    other.goto(f"{app.address}/admin?section=People+and+audit")
    expect(other.get_by_test_id("stMain")).to_contain_text("by identity provider")
    with page.expect_request(lambda asked: "/logout" in asked.url):
        page.get_by_test_id("stSidebar").get_by_role("button", name="Sign out").click()
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_role("button", name="Sign in")).to_be_visible()
    assert provider.signed_out == [f"{app.address}/oauth2callback"]
    # The other tab is open since before: its next step, or what it draws by itself, is a viewer's.
    if other.get_by_role("radio", name="System").is_visible():
        other.get_by_role("radio", name="System").click()
    expect(other.get_by_role("heading", name="Sign in to go on")).to_be_visible()
    assert "Traceback" not in app.complaints


@pytest.mark.parametrize(
    ("person", "named"), [(BOB, "bob@example.org"), (EVE, "ada@example.org (not verified)")]
)
def test_viewer_when_the_list_does_not_name_them_or_the_address_is_not_theirs_then_admin_says_why(
    app, visit: Visit, patience_ms, person, named
):
    page = signed_in(visit, app, person)
    expect(page.get_by_role("heading", name="Admins only")).to_be_visible()
    expect(page.get_by_test_id("stMain")).to_contain_text(f"{named} is signed in as a viewer")
    expect(page.get_by_role("radio", name="People and audit")).to_have_count(0)
    out = page.get_by_test_id("stSidebar").get_by_role("button", name="Sign out")
    expect(out).to_be_visible()
