"""What wrappers of pfdicom_tagSub import, carried out by dicomveil.

`pfdicom_tagSub.pfdicom_tagSub(vars(args)).run(timerStart=True)` runs; `parserDS` and the texts for
a plugin's help are in `__main__` as they were, and here too.
"""

from importlib import import_module

from dicomveil.version import __version__

_IN_MAIN = ("package_CLIDS", "package_argsSynopsisDS", "package_tagProcessingHelp", "parserDS")

__all__ = ["__version__"]


def __getattr__(name: str) -> object:
    """One of the names of `__main__`, imported now."""
    if name not in _IN_MAIN:
        raise AttributeError(f"pfdicom_tagSub has no {name}")
    return getattr(import_module("pfdicom_tagSub.__main__"), name)
