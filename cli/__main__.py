"""`python -m cli` is `hanwatch`."""

from cli.main import main

main()
