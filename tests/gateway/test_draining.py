"""A profile that is taken out of the configuration answers its calls to their end, and no new ones."""

from __future__ import annotations

from tests.plant import MARIA, TOML, open_line, write_project

SECOND = f"""
[twilio_profiles.old]
account_sid = "AC{"7" * 32}"
auth_token = "the old account's token"
external_hostname = "https://alarms.example.com"
phone_number = "+15005550007"
api_base = "emulator"

[voice_profiles.old]
twilio_profile = "old"
"""


async def test_calls_in_progress_outlive_their_profile(tmp_path):
    """The old account's call goes on after its profile is gone; a new call of that account is refused."""
    folder = write_project(tmp_path / "plant", more=SECOND)
    async with open_line(folder) as line:
        fields = {**line.call_from(MARIA).fields(), "AccountSid": f"AC{'7' * 32}", "To": "+15005550007"}
        path, key = "/main/system/twilio-voice/answer/0", "the old account's token"
        assert (await line.post(path, fields, key=key)).status_code == 200

        (folder / "tocsin.toml").write_text(TOML)
        assert await line.gateway.reload() == []

        going_on = await line.post("/main/system/twilio-voice/pin/0", fields, key=key)
        assert "PIN" in going_on.text
        ended = {**fields, "CallStatus": "completed", "SequenceNumber": "3"}
        assert (await line.post("/main/system/twilio-voice/status/0", ended, key=key)).status_code == 204
        await line.gateway.reload()

        new = {**fields, "CallSid": "CA" + "9" * 32}
        assert (await line.post(path, new, key=key)).status_code == 403
