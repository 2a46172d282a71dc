"""`python -m fullsignal` is `fullsignal`."""

from fullsignal.cli import main

main(prog_name="fullsignal")
