"""The class that wrappers of pfdicom_tagSub make and run."""

from collections.abc import Mapping

from dicomveil.cli.tagsub.run import Run


class pfdicom_tagSub:  # noqa: N801 - the name that wrappers import
    """A run of substitutions, from the arguments of a parser or a plugin."""

    def __init__(self, args: Mapping[str, object], **more: object) -> None:
        """Check the arguments, of which `more` hold before `args`.

        Raises a `dicomveil.errors.DicomveilError` for what cannot be run.
        """
        self.args = {**args, **more}
        self.str_desc = str(self.args.get("str_desc", ""))
        self._run = Run(self.args)

    def run(self, *, timerStart: bool = False, JSONprint: bool = True) -> dict[str, object]:  # noqa: ARG002, N803 - as wrappers call it
        """Carry it out: `status`, `d_pfdicom`, `d_tagSub` with real counts, and `runTime`.

        The time is always taken; `timerStart` is there because wrappers say it.
        """
        return self._run.run(prints_json=JSONprint)
