"""Where the shared public data lies: beside the checkout, or where CONFORMANCE_SHARED says."""

import os
from pathlib import Path

SHARED = Path(os.environ.get("CONFORMANCE_SHARED") or Path(__file__).parents[3] / "shared")
DATA = SHARED / "data"
SIGMA = DATA / "sigma"
SIGMAHQ = SIGMA / "sigmahq"
PACKETS = DATA / "packets"
LOGS = DATA / "logs"
