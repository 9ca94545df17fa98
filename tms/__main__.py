"""``python -m tms`` is the command ``tms``."""

from tms.cli import main

if __name__ == "__main__":
    main()
