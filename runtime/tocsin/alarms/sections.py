"""What a project configures about an alarm: `[alarms."path"]`, with Ignition's JSON names.

Which keys belong together is checked in `crosscheck`, so that each fault names its own key.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from tocsin.alarms.episode import AckMode, Priority
from tocsin.config import Section

Mode: TypeAlias = Literal[
    "Equality", "Inequality", "AboveValue", "BelowValue", "BetweenValues", "OutsideValues", "OutOfEngRange",
    "BadQuality", "AnyChange", "Bit", "OnCondition", "WhenTrue", "WhenFalse",
]  # fmt: skip


class AlarmSection(Section):
    """One alarm: when it is active, how urgent it is, and who is told.

    Keys about a tag are checked and wait: no tag is read from a controller yet.
    """

    enabled: bool = Field(
        default=True,
        description="Not used yet: whether the tag is watched for this alarm. "
        "One raised by API is taken in any case.",
    )
    tag: str | None = Field(
        default=None,
        min_length=1,
        description="Not used yet: path of the tag to watch; absent for an alarm raised by API.",
    )
    mode: Mode | None = Field(
        default=None, description="Not used yet: when the alarm is active; needed with a tag."
    )
    setpoint_a: bool | int | float | str | None = Field(
        default=None,
        alias="setpointA",
        description="Not used yet: the value compared with; the lower of two.",
    )
    setpoint_b: float | None = Field(
        default=None,
        alias="setpointB",
        description="Not used yet: the higher value of BetweenValues and OutsideValues.",
    )
    inclusive_a: bool = Field(
        default=True,
        alias="inclusiveA",
        description="Not used yet: whether setpointA itself counts as active.",
    )
    inclusive_b: bool = Field(
        default=True,
        alias="inclusiveB",
        description="Not used yet: whether setpointB itself counts as active.",
    )
    any_change: bool = Field(
        default=False,
        alias="anyChange",
        description="Not used yet: open a new episode at every change of the value "
        "while the condition holds.",
    )
    bit_position: int | None = Field(
        default=None,
        ge=0,
        le=63,
        alias="bitPosition",
        description="Not used yet: the bit that mode Bit looks at, from 0.",
    )
    bit_on_zero: bool = Field(
        default=False,
        alias="bitOnZero",
        description="Not used yet: with mode Bit, active while the bit is 0 rather than 1.",
    )
    active_condition: str | None = Field(
        default=None,
        min_length=1,
        alias="activeCondition",
        description="Not used yet: for mode OnCondition, the expression that is true "
        "while the alarm is active.",
    )
    deadband: float = Field(
        default=0,
        ge=0,
        description="Not used yet: how far the value must come back over the setpoint before it clears.",
    )
    deadband_mode: Literal["Absolute", "Percent"] = Field(
        default="Absolute",
        alias="deadbandMode",
        description="Not used yet: deadband in the tag's unit, or in percent of its engineering range.",
    )
    time_on_delay_seconds: float = Field(
        default=0,
        ge=0,
        le=86_400,
        alias="timeOnDelaySeconds",
        description="Not used yet: how long the condition must hold before the alarm is active (on-delay).",
    )
    time_off_delay_seconds: float = Field(
        default=0,
        ge=0,
        le=86_400,
        alias="timeOffDelaySeconds",
        description="Not used yet: how long the condition must be gone before the alarm clears (off-delay).",
    )
    priority: Priority = Field(default="Medium", description="How urgent it is.")
    name: str | None = Field(
        default=None, min_length=1, max_length=200, description="Its name; absent = the path's last part."
    )
    label: str = Field(default="", max_length=500, description="What is said and shown of it.")
    display_path: str = Field(
        default="", max_length=500, alias="displayPath", description="The path as people know it."
    )
    notes: str = Field(default="", max_length=4000, description="What to do about it, for whoever is told.")
    data: dict[str, bool | int | float | str] = Field(
        default_factory=dict, description="Associated data: whatever scripts and pipelines may want to know."
    )
    ack_mode: AckMode = Field(
        default="Manual",
        alias="ackMode",
        description="Manual: a person acknowledges. Auto: acknowledged when it clears. Unused: needs none.",
    )
    ack_notes_required: bool = Field(
        default=False,
        alias="ackNotesReqd",
        description="Acknowledging needs a note. By phone one key gives it; by text it is asked for, "
        "not insisted upon.",
    )
    shelving_allowed: bool = Field(
        default=True, alias="shelvingAllowed", description="Whether the alarm may be shelved."
    )
    ack_timeout_seconds: float | None = Field(
        default=None,
        ge=60,
        le=2_592_000,
        alias="ackTimeoutSeconds",
        description="Still active so long after it was acknowledged, the alarm is unacknowledged again.",
    )
    re_alarm_seconds: float | None = Field(
        default=None,
        ge=60,
        le=2_592_000,
        alias="reAlarmSeconds",
        description="Still active so long after people were told, or acknowledged it, it is told anew.",
    )
    pipeline: str | None = Field(
        default=None, min_length=1, description="The pipeline that tells people; absent = the built-in one."
    )
    active_pipeline: str | None = Field(
        default=None, min_length=1, alias="activePipeline", description="Ignition's name for `pipeline`."
    )
    clear_pipeline: str | None = Field(
        default=None, min_length=1, alias="clearPipeline", description="The pipeline started when it clears."
    )
    ack_pipeline: str | None = Field(
        default=None,
        min_length=1,
        alias="ackPipeline",
        description="The pipeline started when it is acknowledged.",
    )
    custom_sms_message: str | None = Field(
        default=None,
        max_length=500,
        alias="CustomSmsMessage",
        description="What text messages that tell of it say in place of its label, as it stands here; "
        "shortened, as a label is, where the message would not fit.",
    )
    custom_email_subject: str | None = Field(
        default=None, alias="CustomEmailSubject", description="Not used yet: tocsin sends no e-mail."
    )
    custom_email_message: str | None = Field(
        default=None, alias="CustomEmailMessage", description="Not used yet: tocsin sends no e-mail."
    )
    custom_voice_message: str | None = Field(
        default=None,
        max_length=500,
        alias="voip.customMessage",
        description="What is said on the phone in place of its label, as it stands here.",
    )

    @property
    def told_by(self) -> str | None:
        """The pipeline that starts when the alarm goes active, under either of its two names."""
        return self.pipeline or self.active_pipeline
