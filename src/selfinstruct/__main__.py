"""`python -m selfinstruct` is the command."""

from selfinstruct.cli import main

main()
