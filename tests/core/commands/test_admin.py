"""The admin's password and the audit trail on the command line."""

import io
import json
import sys
from datetime import UTC, datetime

import pytest

import config
from core import __main__ as command_line
from core.access import passwords
from core.store import AuditEntry, Store

PASSWORD = "correct horse battery staple"


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = command_line.main(list(arguments))
        return code, *capsys.readouterr()

    return run


def test_password_when_set_then_its_hash_is_in_the_file_and_the_other_lines_stay(run):
    former = "export ADMIN_PASSWORD_HASH=$argon2id$v=19$the.former.hash.of.mine"
    kept = f"# mine\nPORT=8600\n\n{former}\nHF_MODEL='a/b' # note\n"
    config.ENV_FILE.write_text(kept, encoding="utf-8")
    code, out, err = run("admin", "set-password", typed=f"{PASSWORD}\n")
    assert (code, out) == (0, "")
    assert "Restart the app" in err
    before, after = kept.splitlines(), config.ENV_FILE.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if "HASH" not in line] == [
        line for line in before if "HASH" not in line
    ]
    assert len(after) == len(before)
    known = config.read_env_file(config.ENV_FILE)["ADMIN_PASSWORD_HASH"]
    assert passwords.is_right(PASSWORD, known)
    assert config.ENV_FILE.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    assert [path.name for path in config.ENV_FILE.parent.glob(".env*")] == [".env"]
    _, out, _ = run("admin", "audit", "--json")
    assert json.loads(out)["action"] == "set password"
    assert json.loads(out)["origin"] == "command line"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_password_when_the_file_is_a_link_then_what_it_leads_to_is_written(run):
    target = config.ENV_FILE.with_name("settings.env")
    target.write_text("PORT=8600\n", encoding="utf-8")
    config.ENV_FILE.symlink_to(target.name)
    assert run("admin", "set-password", typed=f"{PASSWORD}\n")[0] == 0
    assert config.ENV_FILE.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("PORT=8600\nADMIN_PASSWORD_HASH='")


@pytest.mark.parametrize("typed", ["", "short\n", "aaaaaaaaaaaaaaaaaaaa\n"])
def test_password_when_weak_then_one_sentence_says_why_and_nothing_is_written(run, typed):
    code, out, err = run("admin", "set-password", typed=typed)
    assert (code, out) == (2, "")
    assert err.startswith("The password")
    assert not config.ENV_FILE.exists()


def test_trail_when_printed_then_no_code_of_a_terminal_gets_through(run):
    run("admin", "audit")  # makes the database
    store = Store(config.load().database_url)
    store.add_audit(
        AuditEntry(
            at=datetime.now(UTC), who="eve\x1b[2J", origin="::1", action="saved", subject="a\nb"
        )
    )
    store.close()
    code, out, _ = run("admin", "audit", "--limit", "1")
    assert code == 0
    assert "\x1b" not in out
    assert len(out.splitlines()) == 1
