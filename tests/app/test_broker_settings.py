"""A broker's password comes from the address, a file or the environment, and is never shown."""

import pytest

from app.settings import broker_settings
from contract.broker_url import BrokerUrl
from contract.errors import UsageError

ADDRESS = "mqtt://collector@broker:1999"


def test_an_address_without_a_password_gets_that_of_the_file(tmp_path):
    file = tmp_path / "password"
    file.write_text("s3cret-_\n")
    file.chmod(0o600)
    said = {"MES_BROKER_PASSWORD_FILE": str(file), "MES_BROKER_PASSWORD": "not this one"}
    broker = broker_settings(ADDRESS, said)
    assert broker == BrokerUrl("broker", 1999, "collector", "s3cret-_")
    assert "s3cret" not in str(broker)


def test_the_environment_may_hold_the_password_itself():
    assert broker_settings(ADDRESS, {"MES_BROKER_PASSWORD": "s3cret"}).password == "s3cret"


def test_a_password_in_the_address_goes_first():
    said = {"MES_BROKER_PASSWORD": "another"}
    assert broker_settings("mqtt://me:mine@broker", said) == BrokerUrl("broker", 1883, "me", "mine")


def test_without_any_the_address_stands_as_it_is():
    assert broker_settings("mqtt://broker", {"MES_BROKER_PASSWORD_FILE": ""}) == BrokerUrl("broker", 1883)


def test_a_password_without_a_user_is_a_mistake_with_its_mend():
    with pytest.raises(UsageError, match="no user: write mqtt://user@broker:1883"):
        broker_settings("mqtt://broker", {"MES_BROKER_PASSWORD": "s3cret"})


@pytest.mark.parametrize(("text", "said"), [(None, "there is no file"), ("", "is empty"), ("two words", "more than")])
def test_a_file_that_holds_no_password_is_named(tmp_path, text, said):
    file = tmp_path / "password"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError, match=f"MES_BROKER_PASSWORD_FILE: .*{said}.* the password into it"):
        broker_settings(ADDRESS, {"MES_BROKER_PASSWORD_FILE": str(file)})
