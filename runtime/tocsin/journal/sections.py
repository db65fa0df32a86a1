"""What a project configures about keeping records: `[audit_profiles.*]` and `[retention]`."""

from __future__ import annotations

from pydantic import Field

from tocsin.config import Section


class AuditProfileSection(Section):
    """Where the record of who was told what is kept, and for how long."""

    retention_days: int = Field(
        default=3650, ge=1, le=36_500, description="Days that audit rows of this profile are kept."
    )


class RetentionSection(Section):
    """How long the traces of calls are kept; the journal and audit rows are not affected."""

    calls_days: int = Field(
        default=90, ge=1, le=36_500, description="Days that turns, texts and script logs are kept."
    )
    recordings_days: int = Field(
        default=30,
        ge=0,
        le=36_500,
        description="Not used yet: recordings stay at Twilio until they are deleted there.",
    )
