"""Small YAML files of keys: read safely, aliases refused."""

from typing import Any

import yaml

from dicomveil.errors import Place, Unusable

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(text: str, file: str) -> dict[str, Any]:
    """The keys and values of a YAML mapping; MappingError names the line that is wrong."""
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise Unusable("YAML aliases are not accepted", Place(file, line=line))
        content = yaml.load(text, Loader=_LOADER)  # noqa: S506 - the safe loader, in C
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(file, line=mark.line + 1 if mark else 0)
        raise Unusable("this is not YAML", place) from error
    except (ValueError, RecursionError) as error:
        raise Unusable("this is not YAML that can be read", Place(file)) from error
    if not isinstance(content, dict):
        raise Unusable("the file should hold keys and values", Place(file))
    return {str(key): value for key, value in content.items()}
