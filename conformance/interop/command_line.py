"""A command line of which what is wrong is told in one line."""

import argparse
from typing import NoReturn

USAGE = 2  # exit status


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {' '.join(message.split())}\n")
