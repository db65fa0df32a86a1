"""The parameters Twilio sends with its webhooks, by name, each with one line of help.

From Twilio's pages "TwiML Voice", "Call Status Callbacks", the pages of Gather, Record, Dial and Enqueue,
"Answering Machine Detection", "Messaging webhooks" and "Outbound message status", and from recorded
requests. New ones appear without notice, so nothing is refused for not being listed here; a listed voice
parameter becomes a global of every script, "" where the request has none.

What must not live here: values, or what tocsin does with them.
"""

from __future__ import annotations

from tocsin.telephony.builders import NAMES


def _places(who: str, whose: str) -> dict[str, str]:
    return {
        f"{who}City": f"City of {whose}, where known",
        f"{who}State": f"State or province of {whose}, where known",
        f"{who}Zip": f"Postal code of {whose}, where known",
        f"{who}Country": f"Country of {whose}, two letters, where known",
    }


CALL: dict[str, str] = {
    "CallSid": "SID of the call: CA and 32 hexadecimal digits",
    "AccountSid": "SID of the account the call belongs to",
    "From": "Number or client that called, such as +46701234567",
    "To": "Number or client that was called",
    "Caller": "Same as From",
    "Called": "Same as To",
    "CallStatus": "queued, initiated, ringing, in-progress, completed, busy, no-answer, failed or canceled",
    "ApiVersion": "Version of Twilio's interface, 2010-04-01",
    "Direction": "inbound, outbound-api or outbound-dial",
    **_places("From", "the calling number"),
    **_places("To", "the called number"),
    **_places("Caller", "the calling number"),
    **_places("Called", "the called number"),
    "ForwardedFrom": "Number that forwarded the call here, where its operator tells",
    "CallerName": "Name of the caller from a name database, where that is switched on",
    "ParentCallSid": "SID of the call from which this leg was dialled",
    "CallToken": "Token that proves the right to show the caller's number on a forwarded call",
    "StirVerstat": "How far the caller's number is verified (STIR/SHAKEN), such as TN-Validation-Passed-A",
    "StirPassportToken": "The signed identity behind StirVerstat",
    "StirStatus": "Older name of the caller's verification level",
    "AddOns": "JSON with the results of add-ons of the number",
    "ErrorCode": "Code of the error that led here: on the fallback URL, or of a failed call",
    "ErrorUrl": "URL whose answer Twilio could not use; on the fallback URL only",
    "ErrorMessage": "Twilio's words for ErrorCode",
    "SipDomain": "SIP domain of the call",
    "SipDomainSid": "SID of the SIP domain of the call",
    "SipUsername": "User name with which a SIP call authenticated",
    "SipCallId": "Call-ID header of a SIP call",
    "SipSourceIp": "Address from which a SIP call came",
}

MACHINE_DETECTION: dict[str, str] = {
    "AnsweredBy": "human, machine_start, machine_end_beep, _silence or _other, fax or unknown",
    "MachineDetectionDuration": "Milliseconds that the detection took",
}

GATHER: dict[str, str] = {
    "Digits": "Keys pressed, without the one that ended the entry",
    "FinishedOnKey": "Key that ended the entry, such as #; empty when it ended otherwise",
    "SpeechResult": "What was understood of the spoken answer",
    "Confidence": "How sure the recognition is, 0.0 to 1.0",
    "Language": "Language in which speech was recognised",
    "UnstableSpeechResult": "Partial result: what may still change",
    "StableSpeechResult": "Partial result: what will not change any more",
    "Stability": "Partial result: how stable it is, 0.0 to 1.0",
}

RECORD: dict[str, str] = {
    "RecordingUrl": "Address of the recording",
    "RecordingSid": "SID of the recording: RE and 32 hexadecimal digits",
    "RecordingDuration": "Length of the recording in seconds",
    "RecordingStatus": "in-progress, completed, absent or failed",
    "RecordingChannels": "How many channels the recording has, 1 or 2",
    "RecordingTrack": "inbound, outbound or both",
    "RecordingSource": "What made the recording, such as RecordVerb or DialVerb",
    "RecordingStartTime": "When the recording began, RFC 2822",
    "TranscriptionSid": "SID of the transcription",
    "TranscriptionText": "Text of the recording",
    "TranscriptionStatus": "completed or failed",
    "TranscriptionUrl": "Address of the transcription",
}

DIAL: dict[str, str] = {
    "DialCallStatus": "How the dialled leg ended: completed, answered, busy, no-answer, failed or canceled",
    "DialCallSid": "SID of the dialled leg",
    "DialCallDuration": "Seconds for which the dialled leg was connected",
    "DialBridged": "true when the two legs were connected",
    "DialSipCallId": "Call-ID header of a dialled SIP leg",
    "DialSipResponseCode": "SIP response with which a dialled leg ended",
}

QUEUE: dict[str, str] = {
    "QueueResult": "How the caller left the queue: bridged, leave, hangup, redirected, queue-full, error",
    "QueueSid": "SID of the queue",
    "DequeingCallSid": "SID of the call that took the caller out of the queue",
    "QueueTime": "Seconds spent in the queue",
    "QueuePosition": "Place in the queue, 1 is next",
    "AvgQueueTime": "Average seconds that callers spend in the queue",
    "CurrentQueueSize": "How many callers wait",
    "MaxQueueSize": "How many callers may wait",
}

CALL_STATUS: dict[str, str] = {
    "CallDuration": "Seconds of the call; on the last status only",
    "Duration": "Billed minutes of the call, rounded up; on the last status only",
    "Timestamp": "When the event happened, RFC 2822",
    "CallbackSource": "What the event is about: call-progress-events",
    "SequenceNumber": "Order of the events of one call, from 0",
    "SipResponseCode": "SIP response with which the call ended",
    "CallQuality": "Twilio's note on the quality of the call",
}

MESSAGE: dict[str, str] = {
    "MessageSid": "SID of the message: SM or MM and 32 hexadecimal digits",
    "SmsSid": "Same as MessageSid, older name",
    "SmsMessageSid": "Same as MessageSid, older name",
    "AccountSid": "SID of the account the message belongs to",
    "MessagingServiceSid": "SID of the messaging service, where one was used",
    "From": "Sender: a number, a name or a channel address",
    "To": "Recipient",
    "Body": "Text of the message, up to 1600 characters",
    "NumSegments": "How many parts the text was sent in",
    "NumMedia": "How many attachments came along",
    "MediaUrl0": "Address of the first attachment; MediaUrl1 and so on for the others",
    "MediaContentType0": "Type of the first attachment; MediaContentType1 and so on for the others",
    "ApiVersion": "Version of Twilio's interface, 2010-04-01",
    **_places("From", "the sender"),
    **_places("To", "the recipient"),
    "OptOutType": "STOP, START or HELP when the text was one of these words",
    "ReferralNumMedia": "How many attachments the advertisement had that led to a WhatsApp message",
    "ProfileName": "Name of a WhatsApp sender",
    "WaId": "WhatsApp id of the sender",
    "Forwarded": "true for a forwarded WhatsApp message",
    "FrequentlyForwarded": "true for a WhatsApp message forwarded often",
    "ButtonText": "Text of the WhatsApp button that was pressed",
    "ButtonPayload": "Hidden value of the WhatsApp button that was pressed",
    "OriginalRepliedMessageSid": "SID of the message to which this one answers",
    "OriginalRepliedMessageSender": "Sender of the message to which this one answers",
    "Latitude": "Latitude of a location that was sent",
    "Longitude": "Longitude of a location that was sent",
    "Address": "Address of a location that was sent",
    "Label": "Name of a location that was sent",
    "AddOns": "JSON with the results of add-ons of the number",
    "ErrorCode": "Code of the error that led to the fallback URL",
    "ErrorUrl": "URL whose answer Twilio could not use; on the fallback URL only",
}

MESSAGE_STATUS: dict[str, str] = {
    "MessageStatus": "queued, sending, sent, delivered, undelivered, failed, read or canceled",
    "SmsStatus": "Same as MessageStatus, older name; received on an incoming message",
    "ErrorCode": "Why a message failed or was not delivered",
    "ErrorMessage": "Twilio's words for ErrorCode",
    "RawDlrDoneDate": "When the operator's receipt says the message arrived, yyMMddhhmm",
    "ChannelInstallSid": "SID of the channel used",
    "ChannelStatusMessage": "The channel's words for the status",
    "ChannelPrefix": "Name of the channel used, such as whatsapp",
    "EventType": "Event of a channel, such as READ",
}

BEGINNINGS: dict[str, str] = {
    "SipHeader_": "X- header of an incoming SIP call",
    "DialSipHeader_": "SIP header with which a dialled SIP leg ended",
    "MediaUrl": "Address of an attachment, numbered from 0",
    "MediaContentType": "Type of an attachment, numbered from 0",
}
"""Parameters whose names end in a number or a header's name."""

VOICE: dict[str, str] = {**CALL, **MACHINE_DETECTION, **GATHER, **RECORD, **DIAL, **QUEUE, **CALL_STATUS}
"""Every voice parameter of a fixed name."""

VOICE_GLOBALS: frozenset[str] = frozenset(name for name in VOICE if name.isidentifier() and name not in NAMES)
"""The voice parameters that are globals of a script; `Language`, a builder too, is in `params` only."""


def help_for(name: str) -> str:
    """Give the line of help of a voice or message parameter, "" where the name is not known."""
    for table in (VOICE, MESSAGE, MESSAGE_STATUS):
        if name in table:
            return table[name]
    return next((text for beginning, text in BEGINNINGS.items() if name.startswith(beginning)), "")
