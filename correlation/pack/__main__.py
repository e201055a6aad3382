"""`python -m correlation.pack > docs/rules.md` writes the page of the rules anew."""

import sys

from correlation.pack.catalogue import correlations, entries, page

sys.stdout.write(page(entries(), correlations()))
