"""What the client says of a request that Twilio has not answered: why, and nothing that names people."""

import contextlib
import os
import resource
import shutil
import socket
import ssl
import subprocess
import threading
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


async def test_a_name_that_does_not_resolve_means_that_nothing_was_sent(client_of):
    """A plant whose line is down sees this first: another way is tried, and no list of Twilio's is searched."""
    unknown = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    with patch("socket.getaddrinfo", side_effect=unknown):
        attempt = await client_of("https://api.twilio.example").place_call(NUMBER, url="https://a.example/x")
    assert (attempt.state, attempt.refusal) == ("refused", "transient")
    assert attempt.why == (
        "ConnectionError: a name could not be resolved: Temporary failure in name resolution"
    )


@pytest.fixture
def someone_else(tmp_path):
    """Listens with a certificate that nobody has vouched for; notes what it is asked."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    key, own = tmp_path / "key.pem", tmp_path / "own.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", own]
    subprocess.run([*made, "-days", "1", "-subj", "/CN=localhost"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own, key)
    asked = []

    def answer(listener):
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with contextlib.closing(context.wrap_socket(connection, server_side=True)) as secured:
                asked.append(secured.recv(1000))

    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}", asked
        thread.join(10)


async def test_a_certificate_that_is_not_right_means_that_nothing_was_sent(client_of, someone_else):
    """As with a clock that is years off: the request never left, and the reason is on record."""
    url, asked = someone_else
    attempt = await client_of(url).send_message(NUMBER, "Pump 2")
    assert (attempt.state, attempt.refusal) == ("refused", "transient")
    assert "certificate verify failed" in attempt.why
    assert asked == []


async def test_an_answer_that_does_not_come_may_have_been_a_call(client_of):
    """The request was sent, and the line went: nobody knows whether it was placed."""

    def hang_up(listener):
        connection, _ = listener.accept()
        connection.recv(10_000)
        connection.close()

    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=hang_up, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        attempt = await client_of(url).place_call(NUMBER, url="https://a.example/x")
        thread.join(10)
    assert (attempt.state, attempt.refusal) == ("unknown", None)
