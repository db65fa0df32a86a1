"""Innocent scripts that make CPython reach for a file, late: everything they need was loaded before."""

from __future__ import annotations

import pytest
from tests.sandbox.stage import program, run

SCRIPTS = {
    "parse a date": "import datetime\nresponse = str(datetime.datetime.strptime('2026-11-22', '%Y-%m-%d').year)",
    "format a date": "import datetime\nresponse = datetime.datetime(2026, 11, 22).strftime('%A %d %B %Y')",
    "format a time": "import time\nresponse = time.strftime('%H:%M')",
    "a name that is not ASCII": "grüße = 'å'\nresponse = grüße",
    "escapes in text": "response = '\\u00e9 \\x41 \\N{BULLET}'",
    "upper and lower case": "response = 'straße ÅÄÖ'.upper().casefold()",
    "a regular expression": "import re\nresponse = re.sub('(?i)[åäö]', '-', 'Räksmörgås')",
    "escape and unescape": "import html\nresponse = html.escape('<&>')",
    "quote": "from urllib.parse import quote\nresponse = quote('å b')",
    "json": "import json\nresponse = json.dumps({'å': [1.5, None]})",
    "random": "import random\nresponse = str(random.randint(1, 6))",
    "mathematics": "import math\nresponse = str(math.sqrt(2))",
    "an error with its text": "try:\n    int('x')\nexcept ValueError as error:\n    response = str(error)",
    "division by zero": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    response = str(error)",
    "a sorted list": "response = str(sorted(['b', 'a'], key=lambda text: text.upper()))",
    "an f-string": "response = f'{3.14159:.2f} {5:>4} {1234567:,}'",
    "old formatting": "response = '%05.1f %s %r' % (2.5, 'x', 'y') + '{:>5}'.format('z')",
}


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS.keys())
async def test_an_innocent_script_runs_in_a_fresh_worker(sandbox, source):
    """The very first turn of a worker may need anything the language offers."""
    outcome = await run(sandbox, "plant", program(source))

    assert outcome.result["response"]
    assert sandbox.stats()["workers_started"] == 2
