"""Twilio, voice and message profiles: what a section accepts, and what the index answers."""

import textwrap

import pytest
from pydantic import Field

from tocsin.config import ConfigRefused, Section, load
from tocsin.telephony.crosschecks import all_on_emulator, crosscheck
from tocsin.telephony.profiles import Profiles
from tocsin.telephony.section import MessageProfileSection, TwilioProfileSection, VoiceProfileSection

SID = "AC" + "0" * 32


class Telephony(Section):
    """The three tables of this room, as the gateway assembles them."""

    twilio_profiles: dict[str, TwilioProfileSection] = Field(default_factory=dict, description="accounts")
    voice_profiles: dict[str, VoiceProfileSection] = Field(default_factory=dict, description="callers")
    message_profiles: dict[str, MessageProfileSection] = Field(default_factory=dict, description="texters")


@pytest.fixture
def configured(tmp_path):
    """Load TOML text as a project's configuration."""

    def read(text):
        (tmp_path / "tocsin.toml").write_text(textwrap.dedent(text), "utf-8")
        environ = {"TOKEN": "primary", "TOKEN_2": "secondary", "SECRET": "s"}
        return load(tmp_path, Telephony, environ=environ).value

    return read


def account(name="plant", **keys):
    """Write one Twilio profile; keys given replace or extend the usual ones."""
    usual = {
        "account_sid": f'"{SID}"',
        "auth_token": '{ env = "TOKEN" }',
        "external_hostname": '"https://alarms.example.com"',
        "phone_number": '"+15005550006"',
    } | keys
    return f"[twilio_profiles.{name}]\n" + "".join(f"{k} = {v}\n" for k, v in usual.items() if v is not None)


PHONE = '[voice_profiles.phone]\ntwilio_profile = "plant"\n'


def faults(config, audits=("plant",)):
    """Run the cross check."""
    return crosscheck(
        config.twilio_profiles, config.voice_profiles, config.message_profiles, audit_profiles=audits
    )


def index(config):
    """Build the index."""
    return Profiles.of(
        config.twilio_profiles, config.voice_profiles, config.message_profiles, listen="127.0.0.1:8088"
    )


def test_the_documented_profile_loads_with_its_defaults(configured):
    """What the reference shows is accepted, and what it leaves out has the stated value."""
    config = configured(
        account(
            auth_token_secondary='{ env = "TOKEN_2" }',
            api_key_sid='"SK' + "1" * 32 + '"',
            api_key_secret='{ env = "SECRET" }',
            fallback_url='"https://handler.twilio.com/twiml/EH1"',
            inbound='"phone"',
        )
        + PHONE
        + 'voices = { "en-US" = "Polly.Joanna-Neural", "sv-SE" = "Polly.Elin-Neural" }\n'
        + 'pin = { default = "to-acknowledge", Critical = "none" }\naudit_profile = "plant"\n'
        + '[message_profiles.text]\ntwilio_profile = "plant"\n'
    )
    assert faults(config) == []
    plant, phone = config.twilio_profiles["plant"], config.voice_profiles["phone"]
    assert (plant.calls_per_second, plant.concurrent_calls, plant.messages_per_second) == (1, 2, 1)
    assert (phone.language, phone.ring_seconds, phone.digits, phone.machine_detection) == (
        "en-US",
        25,
        "ignition",
        True,
    )
    assert [phone.pin_for(p) for p in ("Critical", "Low")] == ["none", "to-acknowledge"]
    assert config.message_profiles["text"].pin_for("High") == "to-acknowledge"


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("account_sid", '"AC123"', '"AC…" with 5 characters is not an account SID; copy it from the Twilio'),
        ("api_key_sid", f'"{SID}"', "is not an API key SID"),
        ("phone_number", '"0701234567"', '"0701234567" is not an E.164 number; write a plus'),
        (
            "external_hostname",
            '"alarms.example.com"',
            "is not a web address; write it with https:// in front",
        ),
        ("external_hostname", '"ftp://alarms.example.com"', "is not a web address"),
        (
            "external_hostname",
            '"https://alarms.example.com/"',
            "ends in a slash; write https://alarms.example.com",
        ),
        ("external_hostname", '"https://u:p@alarms.example.com"', "holds a user name or password"),
        ("external_hostname", '"https://alarms.example.com?x=1"', "has a query or fragment"),
        ("external_hostname", '"https://alarms.example.com:99999"', "names no usable host and port"),
        ("external_hostname", '"https://:80"', "names no usable host and port"),
        ("external_hostname", '"https://alärms.example.com"', "write visible ASCII characters only"),
        ("external_hostname", '"https://a b"', "write visible ASCII characters only"),
        ("fallback_url", '"bin"', "is not a web address"),
        ("api_base", '"emulater"', 'is not a web address; did you mean "emulator"'),
        ("calls_per_second", "0", "calls_per_second"),
        ("concurrent_calls", "0", "concurrent_calls"),
        ("auth_tokn", '"x"', 'did you mean "auth_token"?'),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(configured, key, value, says):
    """Each refusal is one line with file, line and key, and never shows a user name or password."""
    with pytest.raises(ConfigRefused) as refused:
        configured(account(**{key: value}))
    line = str(refused.value)
    assert line.startswith("tocsin.toml:")
    assert f"twilio_profiles.plant.{key}: " in line
    assert says in line
    assert "u:p" not in line


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8088", "https://a.example:8443/prefix/x", "https://[::1]:9"]
)
def test_scheme_port_and_prefix_are_welcome(configured, base):
    """All of what Twilio sees is the user's to say."""
    assert (
        configured(account(external_hostname=f'"{base}"')).twilio_profiles["plant"].external_hostname == base
    )


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("language", '"english"', '"english" is not a language tag; write it like en-US'),
        ("voices", '{ "en-US" = "Polly Joanna" }', '"Polly Joanna" is not a voice'),
        ("pin", '"always"', "pin"),
        ("pin", '{ Urgent = "none" }', "pin"),
        ("ring_seconds", "601", "ring_seconds"),
    ],
)
def test_a_voice_profile_says_what_is_wrong(configured, key, value, says):
    """Same for the voice profile's keys."""
    with pytest.raises(ConfigRefused) as refused:
        configured(account() + PHONE + f"{key} = {value}\n")
    assert says in str(refused.value)


def test_names_that_do_not_exist_are_found(configured):
    """Every reference is followed, and a near name is offered."""
    config = configured(
        account(inbound='"fone"')
        + '[voice_profiles.phone]\ntwilio_profile = "plnt"\nfailover = "backup"\naudit_profile = "x"\n'
        + '[message_profiles.text]\ntwilio_profile = "other"\nfailover = "spare"\n'
    )
    found = {".".join(f.path): f.message for f in faults(config)}
    assert (
        found["voice_profiles.phone.twilio_profile"]
        == 'there is no Twilio profile "plnt"; did you mean "plant"?'
    )
    assert found["voice_profiles.phone.failover"] == 'there is no voice profile "backup"; defined are: phone'
    assert found["voice_profiles.phone.audit_profile"] == 'there is no audit profile "x"; defined are: plant'
    assert (
        found["message_profiles.text.twilio_profile"]
        == 'there is no Twilio profile "other"; defined are: plant'
    )
    assert found["message_profiles.text.failover"] == 'there is no message profile "spare"; defined are: text'
    assert 'did you mean "phone"?' in found["twilio_profiles.plant.inbound"]


@pytest.mark.parametrize("kind", ["voice", "message"])
def test_failovers_may_not_go_in_a_circle(configured, kind):
    """One fault per circle, however many profiles lead into it, of calls and of texts."""
    inbound = "" if kind == "voice" else '[voice_profiles.a]\ntwilio_profile = "plant"\n'
    several = inbound + "".join(
        f'[{kind}_profiles.{a}]\ntwilio_profile = "plant"\nfailover = "{b}"\n'
        for a, b in ["ab", "bc", "cb", "da", "ee"]
    )
    circles = [f for f in faults(configured(account(inbound='"a"') + several)) if "circle" in f.message]
    assert [f.message.split(";")[0] for f in circles] == [
        "goes round in a circle: b -> c -> b",
        "goes round in a circle: e -> e",
    ]


def test_several_voice_profiles_need_one_that_answers(configured):
    """Without `inbound` nobody could say which of two profiles a caller reaches."""
    two = PHONE + '[voice_profiles.night]\ntwilio_profile = "plant"\n'
    (doubt,) = faults(configured(account() + two))
    assert doubt.path == ("twilio_profiles", "plant")
    assert 'add inbound = "phone"' in doubt.message
    settled = configured(account(inbound='"night"') + two)
    assert faults(settled) == []
    assert index(settled).inbound("plant").name == "night"


def test_the_answering_profile_calls_from_the_same_account(configured):
    """`inbound` names one of the profiles that use this number."""
    config = configured(
        account() + account("other", phone_number='"+15005550007"', inbound='"phone"') + PHONE
    )
    (fault,) = faults(config)
    assert fault.path == ("twilio_profiles", "other", "inbound")


def test_secrets_in_the_file_need_the_emulator_everywhere(configured):
    """One real profile is enough to refuse every literal."""
    emulated = account("demo", auth_token='"token"', api_base='"emulator"', phone_number='"+15005550007"')
    config = configured(emulated)
    assert faults(config) == []
    assert all_on_emulator(config.twilio_profiles)
    config = configured(emulated + account())
    assert not all_on_emulator(config.twilio_profiles)
    (fault,) = faults(config)
    assert fault.path == ("twilio_profiles", "demo", "auth_token")
    assert 'write { env = "AUTH_TOKEN" }' in fault.message


def test_half_an_api_key_and_a_fallback_beside_us_are_told(configured):
    """The first is an error, the second and plain http are warnings."""
    config = configured(
        account(
            api_key_sid='"SK' + "1" * 32 + '"',
            external_hostname='"http://alarms.example.com"',
            fallback_url='"https://ALARMS.example.com/x"',
        )
    )
    assert [(f.path[2:], f.severity) for f in faults(config)] == [
        ((), "error"),
        (("external_hostname",), "warning"),
        (("fallback_url",), "warning"),
    ]


def test_an_unlisted_voice_is_a_warning(configured):
    """Twilio adds voices, so it may exist; more often it is a slip."""
    (doubt,) = faults(
        configured(account() + PHONE + 'voices = { "en-US" = "Polly.Joana-Neural", "sv-SE" = "alice" }')
    )
    assert doubt.path == ("voice_profiles", "phone", "voices", "en-US")
    assert doubt.severity == "warning"
    assert 'did you mean "Polly.Joanna-Neural"?' in doubt.message


def test_one_number_of_an_account_belongs_to_one_profile(configured):
    """Else nobody could say whose call it is."""
    (fault,) = faults(configured(account() + account("twin")))
    assert fault.path == ("twilio_profiles", "twin", "phone_number")


def test_the_index_answers_a_webhook(configured):
    """From AccountSid to tokens, from numbers to the voice profile that answers."""
    profiles = index(
        configured(
            account(auth_token_secondary='{ env = "TOKEN_2" }')
            + account("second", phone_number='"+15005550007"')
            + account(
                "else",
                account_sid='"AC' + "1" * 32 + '"',
                phone_number='"+15005550008"',
                external_hostname=None,
            )
            + PHONE
            + '[voice_profiles.two]\ntwilio_profile = "second"\n'
        )
    )
    assert [p.tokens for p in profiles.by_account(SID)] == [("primary", "secondary"), ("primary",)]
    assert profiles.by_account("AC" + "f" * 32) == ()
    assert [p.name for p in profiles.by_number("+15005550007")] == ["second"]
    assert profiles.inbound("second").name == "two"
    assert profiles.inbound("else") is None
    assert profiles.for_call(SID, "+15005550007", "+46701234567").name == "two"
    assert profiles.for_call(SID, "+46701234567", "+15005550006").name == "phone"
    assert profiles.for_call(SID, "client:x").name == "phone"
    assert profiles.for_call("AC" + "1" * 32, "+15005550008") is None
    assert profiles.twilio["else"].webhook_base is None
    assert "primary" not in repr(profiles.twilio["plant"])


def test_failovers_come_in_order_and_end(configured):
    """Each profile once, even if someone builds the index over a circle."""
    profiles = index(
        configured(
            account()
            + PHONE
            + 'failover = "b"\n[voice_profiles.b]\ntwilio_profile = "plant"\nfailover = "phone"\n'
        )
    )
    assert [p.name for p in profiles.failovers("phone")] == ["phone", "b"]


def test_failovers_of_texts_come_in_order_and_end(configured):
    """As those of calls."""
    text = '[message_profiles.{}]\ntwilio_profile = "plant"\nfailover = "{}"\n'
    profiles = index(configured(account() + PHONE + text.format("text", "b") + text.format("b", "text")))
    assert [p.name for p in profiles.message_failovers("text")] == ["text", "b"]


def test_without_an_external_hostname_calls_only_go_out(configured):
    """Outbound-only mode is complete: nothing is missing, nothing is warned of."""
    config = configured(account(external_hostname=None) + PHONE)
    assert faults(config) == []
    assert index(config).twilio["plant"].webhook_base is None


def test_the_emulator_reaches_us_where_we_listen(configured):
    """No external hostname is needed for the built-in emulator."""
    emulated = configured(account(external_hostname=None, api_base='"emulator"'))
    assert index(emulated).twilio["plant"].webhook_base == "http://127.0.0.1:8088"
