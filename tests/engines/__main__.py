"""`python -m tests.engines prepare` fetches what tests need beyond pip; `… elasticsearch` runs one in front."""
# ruff: noqa: T201 - a command prints

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.engines import elasticsearch
from tests.engines.processes import EngineFailedError, EngineMissingError

USAGE = "usage: python -m tests.engines prepare | elasticsearch"
PACKAGES = {
    "tshark": "tshark", "mvn": "maven", "chromium": "chromium", "rsyslogd": "rsyslog", "softflowd": "softflowd",
    "tcpreplay": "tcpreplay", "tcpdump": "tcpdump", "curl": "curl", "openssl": "openssl", "logger": "bsdutils",
    "ip": "iproute2", "pg_ctlcluster": "postgresql",
}  # fmt: skip
"""Programs that tests call, and the Debian packages that have them; PostgreSQL's own are not on the path."""
FONTS = {Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"): "fonts-wqy-zenhei"}
"""Files that reports in Chinese are set with, and the packages that have them."""
JDK_PACKAGES = ("openjdk-25-jre-headless", "openjdk-21-jre-headless")


def main(arguments: list[str]) -> int:
    """Run a command; returns the exit code."""
    if arguments == ["prepare"]:
        return _prepare()
    if arguments == ["elasticsearch"]:
        return _foreground()
    print(USAGE, file=sys.stderr)
    return 2


def _prepare() -> int:
    _install()
    try:
        if elasticsearch.home().joinpath(".complete").exists():
            print(f"Elasticsearch {elasticsearch.VERSION}: {elasticsearch.home()}")
        else:
            print(f"fetching Elasticsearch {elasticsearch.VERSION} with Maven (947 MB, once) …", flush=True)
            elasticsearch.prepare()
            print(f"Elasticsearch {elasticsearch.VERSION}: {elasticsearch.home()}")
    except EngineMissingError as error:
        print(error, file=sys.stderr)
        return 3
    lack = elasticsearch.missing()
    if lack is not None:
        print(lack, file=sys.stderr)
        return 3
    return 0


def _install() -> None:
    """Install missing Debian packages where that can be done, and name them where it cannot."""
    wanted = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    wanted += [package for file, package in FONTS.items() if not file.exists()]
    jdk = elasticsearch.jdk() is None
    if not wanted and not jdk:
        return
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        names = [*wanted, *([f"a JDK {elasticsearch.OLDEST_JDK} or later"] if jdk else [])]
        print(f"missing: {', '.join(names)}; on Debian, as root: apt-get install {' '.join(wanted)}", file=sys.stderr)
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-q", "update"], env=environment, check=False, timeout=600)
    for packages in ([[*wanted]] if wanted else []) + ([[name] for name in JDK_PACKAGES] if jdk else []):
        done = subprocess.run(["apt-get", "-qy", "install", *packages], env=environment, check=False, timeout=1_800)
        if done.returncode == 0 and packages[0] in JDK_PACKAGES:
            return


def _foreground() -> int:
    # A shell starts what runs in its background deaf to Ctrl-C; both signals end the engine with us.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with elasticsearch.running() as url:
            print(f"Elasticsearch {elasticsearch.VERSION} answers on {url}; Ctrl-C ends it", flush=True)
            while True:
                time.sleep(3_600)
    except KeyboardInterrupt:
        return 0
    except (EngineMissingError, EngineFailedError) as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
