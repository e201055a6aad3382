"""`python -m sensors.event.fields > docs/events.md`: the page of every field that we set."""

import sys

from sensors.event.fields import page

sys.stdout.write(page())
