"""Settings of InfluxDB: options before the environment, and a clear word for whatever cannot be meant."""

import re

import pytest

from app.settings import InfluxOptions, influx_settings
from contract.errors import UsageError

URL = "http://127.0.0.1:8086"


def token_file(folder, text="secret\n", mode=0o600):
    path = folder / "token"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_nothing_is_sent_where_nobody_says_so():
    assert influx_settings(InfluxOptions(), {}) is None
    assert influx_settings(InfluxOptions(), {"MES_INFLUX_TOKEN": "x", "MES_INFLUX_BUCKET": "b"}) is None


def test_a_demo_feeds_only_what_its_command_line_names():
    said = {"MES_INFLUX_URL": URL, "MES_INFLUX_ORG": "acme"}
    assert influx_settings(InfluxOptions(), said, only_if_asked=True) is None
    asked = influx_settings(InfluxOptions(url="http://other:1"), said, only_if_asked=True)
    assert (asked.url, asked.org) == ("http://other:1", "acme")


def test_the_environment_says_it_and_options_go_before_it(tmp_path):
    said = {"MES_INFLUX_URL": URL + "/", "MES_INFLUX_TOKEN": " t ", "MES_INFLUX_ORG": "o", "MES_INFLUX_BUCKET": "b"}
    settings = influx_settings(InfluxOptions(), said)
    assert (settings.url, settings.token, settings.org, settings.bucket) == (URL, "t", "o", "b")
    options = InfluxOptions("https://influx.example:443/base/", token_file(tmp_path), "p", "c")
    settings = influx_settings(options, said)
    assert (settings.url, settings.token) == ("https://influx.example:443/base", "secret")
    assert (settings.org, settings.bucket) == ("p", "c")
    said["MES_INFLUX_TOKEN_FILE"] = str(token_file(tmp_path, "filed"))
    assert influx_settings(InfluxOptions(), said).token == "filed"


def test_a_token_is_never_shown(tmp_path):
    assert "secret" not in repr(influx_settings(InfluxOptions(URL, token_file(tmp_path)), {}))


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8086", "influx", "mqtt://x", "http://", "http://x:port", "http://x?db=1", "x"]
)
def test_what_is_no_address_is_named_with_the_right_form(url):
    with pytest.raises(UsageError, match=re.escape(URL)):
        influx_settings(InfluxOptions(url), {})


def test_a_password_in_the_address_is_put_elsewhere():
    with pytest.raises(UsageError, match="--influx-token-file"):
        influx_settings(InfluxOptions("http://me:mine@x"), {})


@pytest.mark.parametrize("bucket", ["a/b", 'a"b', " a", "_internal", "a\nb"])
def test_what_is_no_bucket(bucket):
    with pytest.raises(UsageError, match="bucket"):
        influx_settings(InfluxOptions(URL, bucket=bucket), {})


@pytest.mark.parametrize(
    ("text", "said"), [("", "empty"), (" \n", "empty"), ("a b", "more than"), ("a\nb", "more than")]
)
def test_what_is_no_token(tmp_path, text, said):
    with pytest.raises(UsageError, match=said):
        influx_settings(InfluxOptions(URL, token_file(tmp_path, text)), {})


def test_a_token_file_that_is_not_there_or_no_file(tmp_path):
    with pytest.raises(UsageError, match="there is no file"):
        influx_settings(InfluxOptions(URL, tmp_path / "none"), {})
    with pytest.raises(UsageError, match=r"MES_INFLUX_TOKEN_FILE: .* cannot be read"):
        influx_settings(InfluxOptions(URL), {"MES_INFLUX_TOKEN_FILE": str(tmp_path)})
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"--influx-token-file: .* is no text"):
        influx_settings(InfluxOptions(URL, tmp_path / "key"), {})


def test_options_that_need_an_address():
    with pytest.raises(UsageError, match="need --influx-url"):
        influx_settings(InfluxOptions(bucket="mes"), {})


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, False), (0o644, True)])
def test_a_token_that_everybody_can_read_is_warned_of(tmp_path, capsys, mode, warned):
    assert influx_settings(InfluxOptions(URL, token_file(tmp_path, mode=mode)), {}).token == "secret"
    assert ("chmod 600" in capsys.readouterr().err) == warned
