"""`python -m ovqat` is the `ovqat` command."""

from ovqat.cli import main

if __name__ == "__main__":
    main()
