"""The commands, one module each; cli.main lists them in the order of the help page."""
