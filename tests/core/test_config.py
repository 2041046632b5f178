from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

import config
from core.errors import SettingsError


def load(tmp_path: Path, env: str = "", **environ: str) -> config.Settings:
    file = tmp_path / "settings.env"
    file.write_text(env, encoding="utf-8")
    return config.load(environ, file)


def test_load_when_nothing_is_set_then_everything_has_its_documented_default(tmp_path):
    settings = load(tmp_path)
    assert settings.sample_interval_s == 5.0
    assert settings.history_days == 7.0
    assert (settings.host, settings.port) == ("127.0.0.1", 8501)
    assert settings.response_probe_url == "http://127.0.0.1:8501/_stcore/health"
    assert settings.data_dir == config.ROOT / "data"
    assert settings.database_url == f"sqlite:///{(config.ROOT / 'data' / 'app.db').as_posix()}"
    assert settings.disk_path.is_dir()
    assert settings.host_name


def test_load_when_both_say_something_then_the_environment_wins(tmp_path):
    settings = load(tmp_path, "PORT=9000\nHISTORY_DAYS=3", PORT="9001")
    assert (settings.port, settings.history_days) == (9001, 3.0)


def test_load_when_a_variable_is_set_to_nothing_then_the_default_holds(tmp_path):
    assert load(tmp_path, PORT="", HISTORY_DAYS="  ").port == 8501


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("SAMPLE_INTERVAL_S", "0.1", "from 0.5 to 3600"),
        ("SAMPLE_INTERVAL_S", "fast", "from 0.5 to 3600"),
        ("SAMPLE_INTERVAL_S", "nan", "from 0.5 to 3600"),
        ("SAMPLE_INTERVAL_S", "inf", "from 0.5 to 3600"),
        ("HISTORY_DAYS", "-1", "from 0.01 to 3650"),
        ("PORT", "8501.5", "a whole number from 1 to 65535"),
        ("PORT", "70000", "a whole number from 1 to 65535"),
        ("HOST", "my host", "such as 127.0.0.1"),
        ("ALLOWED_HOSTS", "a b", "host names separated by commas"),
        ("HOST_NAME", "a,b", "without a comma"),
        ("DISK_PATH", "no/such/folder", "exists on this machine"),
        ("RESPONSE_PROBE_URL", "ftp://127.0.0.1/x", "http or https"),
        ("RESPONSE_PROBE_URL", "http://[::1", "http or https"),
        ("DATABASE_URL", "mysql://127.0.0.1/x", "postgresql+psycopg://"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
        ("DATA_DIR", "run.py", "a folder"),
        ("DATA_DIR", "~nobody-of-this-name/data", "a folder, not a file (Could not determine home"),
        ("DISK_PATH", "~nobody-of-this-name", "exists on this machine (Could not determine home"),
        ("LOGS_DIR", "b" * 300, "a folder, not a file (File name too long)"),
        ("HOST_NAME", "caf\udce9", "without a comma (it holds bytes that are no UTF-8 text)"),
        ("DATA_DIR", "caf\udce9", "a folder, not a file (it holds bytes that are no UTF-8 text)"),
    ],
)
def test_load_when_a_value_cannot_be_used_then_one_sentence_says_what_can(
    tmp_path, variable, value, allowed
):
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, **{variable: value})
    message = str(refused.value)
    assert message.startswith(f"{variable} is {value[:200]!r}, but must be ")
    assert allowed in message
    assert "\n" not in message


def test_load_when_an_address_with_a_password_is_refused_then_the_password_is_not_shown(tmp_path):
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, DATABASE_URL="mysql://me:hun/ter@2@127.0.0.1/x")
    assert "ter" not in str(refused.value)


def test_load_when_a_password_in_the_query_is_refused_then_it_is_not_shown(tmp_path):
    with pytest.raises(SettingsError, match=r"'mysql://h/db\?\*\*\*'") as refused:
        load(tmp_path, DATABASE_URL="mysql://h/db?user=a&password=geheim")
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value"), [("HF_TOKEN", "hf_abc def"), ("HF_PROXY", "ftp://hf_abc@proxy")]
)
def test_load_when_a_secret_cannot_be_used_then_it_is_not_shown(tmp_path, variable, value):
    with pytest.raises(SettingsError, match=f"{variable} is set to something else") as refused:
        load(tmp_path, **{variable: value})
    assert "hf_abc" not in str(refused.value)


def test_settings_when_printed_then_they_tell_no_token(tmp_path):
    settings = load(tmp_path, HF_TOKEN="hf_abcdefgh", HF_PROXY="http://me:word@proxy:1")
    assert settings.hf_token == "hf_abcdefgh"
    assert "hf_abcdefgh" not in repr(settings)
    assert "word" not in repr(settings)


@pytest.mark.parametrize("address", ["http://me:pw@h/v1", "https://h/v1?key=x", "h/v1"])
def test_load_when_the_models_address_holds_more_than_an_address_then_it_is_refused(
    tmp_path, address
):
    with pytest.raises(SettingsError, match="HF_BASE_URL") as refused:
        load(tmp_path, HF_BASE_URL=address)
    assert "pw" not in str(refused.value)


def test_load_when_the_app_listens_everywhere_then_it_is_probed_on_this_machine(tmp_path):
    def probed(host: str) -> str:
        return load(tmp_path, HOST=host, PORT="80").response_probe_url

    assert probed("0.0.0.0") == "http://127.0.0.1:80/_stcore/health"
    assert probed("::") == "http://[::1]:80/_stcore/health"


def test_load_when_the_data_folder_moves_then_the_database_moves_with_it(tmp_path):
    settings = load(tmp_path, DATA_DIR=str(tmp_path / "elsewhere"))
    assert settings.database_url == f"sqlite:///{(tmp_path / 'elsewhere' / 'app.db').as_posix()}"


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("sqlite:///data/my.db", config.ROOT / "data" / "my.db"),
        ("sqlite:///~/my.db?timeout=3", f"{(Path.home() / 'my.db').as_posix()}?timeout=3"),
        ("sqlite:////srv/my.db", "/srv/my.db"),
        ("sqlite:///file:/srv/my.db?mode=ro&uri=true", "file:/srv/my.db?mode=ro&uri=true"),
        ("sqlite:///:memory:", ":memory:"),
    ],
)
def test_load_when_a_database_file_is_named_then_it_is_the_same_from_every_folder(
    tmp_path, address, file
):
    assert load(tmp_path, DATABASE_URL=address).database_url == f"sqlite:///{file}"


def test_load_when_plain_postgresql_is_named_then_the_installed_driver_is_used(tmp_path):
    settings = load(tmp_path, DATABASE_URL="postgresql://me@127.0.0.1/app")
    assert settings.database_url == "postgresql+psycopg://me@127.0.0.1/app"


def test_load_when_hosts_are_listed_then_each_is_taken(tmp_path):
    settings = load(tmp_path, ALLOWED_HOSTS="capacity.example.org, *.example.org")
    assert settings.allowed_hosts == ("capacity.example.org", "*.example.org")


def test_settings_when_made_then_they_cannot_be_changed(tmp_path):
    with pytest.raises(FrozenInstanceError):
        load(tmp_path).port = 1


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=plain", "plain"),
        ("  export NAME = spaced out  ", "spaced out"),
        ("NAME=value # a comment", "value"),
        ("NAME=a#b", "a#b"),
        ("NAME= # only a comment", ""),
        ('NAME="kept # here"', "kept # here"),
        ("NAME='single'  # a comment", "single"),
        ("NAME=a=b", "a=b"),
        ("NAME=", ""),
    ],
)
def test_env_file_when_a_line_is_read_then_the_value_is_what_was_meant(tmp_path, line, value):
    file = tmp_path / "a.env"
    file.write_text(f"# first\n\n{line}\n", encoding="utf-8")
    assert config.read_env_file(file) == {"NAME": value}


def test_env_file_when_written_on_windows_then_it_is_read(tmp_path):
    file = tmp_path / "a.env"
    file.write_bytes(b"\xef\xbb\xbfPORT=1\r\nHOST=x\r\n")
    assert config.read_env_file(file) == {"PORT": "1", "HOST": "x"}


def test_env_file_when_a_line_is_no_setting_then_its_number_is_named_and_not_its_text(tmp_path):
    file = tmp_path / "a.env"
    file.write_text("PORT=1\nhf_secret", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"Line 2 of a\.env") as refused:
        config.read_env_file(file)
    assert "hf_secret" not in str(refused.value)


def test_env_file_when_it_is_no_text_then_that_is_said(tmp_path):
    file = tmp_path / "a.env"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"a\.env cannot be read"):
        config.read_env_file(file)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("70,90", config.Limits(warning=70.0, hard=90.0)),
        ("none", config.Limits()),
        ("none: it may be full", config.Limits(excluded="it may be full")),
    ],
)
def test_limits_when_set_then_they_are_two_numbers_or_a_reason(text, limits):
    assert config.load({"CPU_LIMITS": text}).cpu_limits == limits


@pytest.mark.parametrize("text", ["80", "95,80", "0,10", "a,b", "80,nan", "1,inf"])
def test_limits_when_they_make_no_sense_then_the_variable_is_named(text):
    with pytest.raises(SettingsError, match="CPU_LIMITS is"):
        config.load({"CPU_LIMITS": text})


def in_force(environ: dict[str, str], file: Path) -> dict[str, tuple[str, str]]:
    listed = config.read(environ, file).listed
    return {setting.variable: (setting.value, setting.source) for setting in listed}


def test_settings_when_listed_then_each_tells_where_it_came_from(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_text("PORT=8600\nLOG_LEVEL=DEBUG\nHISTORY_DAYS=3\n")
    found = in_force({"PORT": "8700", "HISTORY_DAYS": ""}, file)
    assert found["PORT"] == ("8700", "environment")
    assert found["LOG_LEVEL"] == ("DEBUG", ".env")
    assert found["HISTORY_DAYS"] == ("7", "default")
    assert found["UPLOAD_LIMIT_MB"] == ("200", "default")
    assert list(found) == [variable for variable, _, _ in config.Settings.rows()]


def test_settings_when_listed_then_no_secret_and_no_password_is_told(tmp_path: Path):
    environ = {
        "HF_TOKEN": "hf_verysecret",
        "HF_PROXY": "http://me:verysecret@127.0.0.1:3128",
        "DATABASE_URL": "postgresql://me:verysecret@127.0.0.1/app",
    }
    found = in_force(environ, tmp_path / ".env")
    assert found["HF_TOKEN"] == ("set, not shown", "environment")
    assert found["DATABASE_URL"][0] == "postgresql://***@127.0.0.1/app"
    assert "verysecret" not in str(found)
    assert in_force({}, tmp_path / ".env")["HF_TOKEN"] == ("not set", "default")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://h/db?user=a&password=geheim", "postgresql://h/db?***"),
        ("postgresql://a:geheim@h/db?sslmode=require", "postgresql://***@h/db?***"),
        ("postgresql://h/db?user=a&password=ge@heim", "postgresql://***"),
        ("postgresql://a:ge?heim@h/db", "postgresql://***"),
        ("sqlite:///data/app.db", "sqlite:///data/app.db"),
    ],
)
def test_settings_when_an_address_may_hold_a_password_then_that_part_is_not_listed(
    tmp_path, address, shown
):
    found = in_force({"DATABASE_URL": address}, tmp_path / ".env")
    assert found["DATABASE_URL"] == (shown, "environment")
