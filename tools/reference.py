"""Writes docs/reference/configuration.md from the sections that the gateway accepts."""

from pathlib import Path

from tocsin.config.reference import render
from tocsin.gateway.configuration import Configuration

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/configuration.md"

if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render(Configuration), encoding="utf-8")
