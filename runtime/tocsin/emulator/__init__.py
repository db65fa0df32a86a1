"""A Twilio one can run at home: a fake account that executes TwiML for real, with phones one can answer.

This room imports nothing of tocsin but the clock, so that it cannot agree with the product by sharing its
code. Everything goes through one object; the web app (`Emulator.app`, `serve.served`) is thin:

    async with Emulator(clock=VirtualClock(), seed=1) as emulator:
        emulator.put_phone("+46701234567", {"answer": "auto", "steps": [{"hear": "PIN"}, {"press": "4711#"}]})
        ...                                   # the product places calls through REST at emulator.app
        await emulator.run_calls()            # virtual time jumps until no call is under way
        assert emulator.phone("+46701234567").failures == []

Making it: `Emulator(clock, auth_token, api_keys, seed, autojump, settle_s, calls_per_second,
messages_per_second, message_queue, transport, public_url)`, then `async with` (or `start` and `aclose`).
Phones: `phone(number)` gives a `Phone` with `answer`, `press`, `say`, `hangup`, `sms(body, to)`, `dial(to)`
(all return at once), `state`, `transcript`, `failures`, `persona`; `put_phone(number, persona)` says who
answers; `phones` lists them.
Account: `account(sid)`, `add_number(sid, number, voice_url=..., sms_url=...)`, `calls`, `messages`.
What was asked of the product: `webhooks` (every request: url, params, signature, status, ms, response).
Things going wrong: `faults.put([...])`, `faults.add("callback lost", match="completed", times=2)`.
Time, on a VirtualClock: `advance(seconds)`, `run_until(done, limit_s)`, `run_calls(limit_s)`, `quiet()` (no
webhook open, time not moved), `hold()` (keep time still while the product works on something unseen).
What happens: `events.subscribe()` gives a queue of calls, phones, messages and webhooks as they change.
`internal_errors` must be empty; anything in it is a bug of this room.
"""

from tocsin.emulator.emulator import Emulator

__all__ = ["Emulator"]
