"""tocsin: an alarm call-out gateway whose calls are scripted by the plant's own engineers."""

__version__ = "0.1.0"
