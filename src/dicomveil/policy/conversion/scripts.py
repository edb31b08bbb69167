"""Tell which tool a script is of, and convert it."""

import re
from xml.parsers import expat

from dicomveil.errors import BadRecipe, Fault, Place
from dicomveil.policy.conversion.ctp import convert_ctp
from dicomveil.policy.conversion.deid import convert_deid
from dicomveil.policy.conversion.draft import Converted

_DEID = re.compile(
    r"^\s*(?:FORMAT\s+dicom\b|%(?:header|filter|fields|values)\b)", re.IGNORECASE | re.MULTILINE
)
_PROPERTIES = re.compile(r"^#?\s*(?:set\.\[|param\.|keep\.|remove\.)", re.MULTILINE)


def convert_script(text: str, name: str) -> Converted:
    """The recipe made of a script of CTP or deid; BadRecipe when it is of neither."""
    if _DEID.search(text):
        return convert_deid(text, name)
    if text.lstrip().startswith("<") or _PROPERTIES.search(text):
        try:
            return convert_ctp(text, name)
        except expat.ExpatError as error:
            fault = Fault(Place(line=error.lineno), "this is no XML", "see docs/recipes.md")
            raise BadRecipe([fault]) from error
    accepted = "accepted: CTP's <script> or set.[...] lines, deid's FORMAT dicom"
    raise BadRecipe([Fault(Place(line=1), "this is no script of CTP or deid", accepted)])
