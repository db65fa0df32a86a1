"""What the client says of a request that Twilio has not answered: why, and nothing that names people."""

import contextlib
import os
import resource
import socket
from unittest.mock import patch

import pytest
from tests.telephony.test_profiles import SID

from tocsin.telephony.client import TwilioClient
from tocsin.telephony.profiles import Profiles
from tocsin.telephony.section import TwilioProfileSection

NUMBER = "+46701234567"


@pytest.fixture
def client_of():
    """Make clients of an API at some address."""
    made = []

    def client(api_base):
        section = TwilioProfileSection.model_validate(
            {
                "account_sid": SID,
                "auth_token": "secret",
                "external_hostname": "https://alarms.example.com",
                "phone_number": "+15005550006",
            }
        )
        profiles = Profiles.of({"plant": section}, {}, {}, listen="127.0.0.1:8088")
        made.append(TwilioClient(profiles.twilio["plant"], api_base=api_base))
        return made[-1]

    yield client
    for one in made:
        one.close()


@pytest.fixture
def nobody_listens():
    with contextlib.closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


async def test_where_nobody_listens_the_machine_says_why(client_of, nobody_listens):
    """So it is known that Twilio was never asked; the address, with account and number, is left out."""
    attempt = await client_of(nobody_listens).place_call(NUMBER, url="https://alarms.example.com/x")
    assert (attempt.state, attempt.refusal) == ("refused", "transient")
    assert attempt.why == "ConnectionError: Connection refused"


async def test_where_no_file_can_be_opened_that_is_said(client_of, nobody_listens):
    """An operator looks at this machine then, and not at Twilio."""
    client = client_of(nobody_listens)
    await client.send_message(NUMBER, "the first one reads the libraries")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        attempt = await client.send_message(NUMBER, "Pump 2")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (attempt.state, attempt.refusal) == ("refused", "transient")
    assert attempt.why == "ConnectionError: Too many open files"


async def test_where_the_libraries_cannot_be_read_it_is_not_the_account(client_of, nobody_listens):
    """The same at the first request of all: it passes, and is asked again."""
    with patch("twilio.rest.Client", side_effect=OSError(24, os.strerror(24), "/opt/twilio/__init__.py")):
        attempt = await client_of(nobody_listens).send_message(NUMBER, "Pump 2")
    assert (attempt.state, attempt.refusal) == ("refused", "transient")
    assert attempt.why == "OSError: Too many open files"
