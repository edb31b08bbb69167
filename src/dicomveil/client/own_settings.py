"""The settings that are ours alone: translation table, certificates, timeouts, request keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from dicomveil.errors import NotUnc, Place, Unusable
from dicomveil.mapping.files import decode, read_bytes, replace
from dicomveil.mapping.shares import Shares, parse_share
from dicomveil.mapping.yaml_text import load_yaml

FILE_NAME = "DicomveilAnonSettings.yml"


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """What anonapi's settings file has no place for."""

    shares: Shares = field(default_factory=Shares)
    ca_bundle: Path | None = None
    timeout: float = 30.0
    keyring: bool = False
    # For each mapping with an unfinished creation: the key its request keys are made with.
    request_keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    def text(self) -> str:
        """The settings as their file has them."""
        return yaml.safe_dump(
            {
                "shares": {str(line.unc): str(line.local) for line in self.shares.lines},
                "ca_bundle": str(self.ca_bundle) if self.ca_bundle else None,
                "timeout": self.timeout,
                "keyring": self.keyring,
                "request_keys": dict(self.request_keys),
            }
        )

    def save(self, path: Path) -> None:
        """Replace the file in one step; only its owner may read it."""
        replace(path, self.text().encode(), 0o600)


def load_own_settings(path: Path) -> OwnSettings:
    """The settings at `path`, all at their defaults when there is no file."""
    if not path.exists():
        return OwnSettings()
    text, _ = decode(read_bytes(path), path.name)
    content = load_yaml(text, path.name)
    bundle, keys = content.get("ca_bundle"), content.get("request_keys") or {}
    timeout, keyring = content.get("timeout", 30.0), content.get("keyring", False)
    sound = (
        isinstance(bundle, str | None)
        and isinstance(keys, dict)
        and isinstance(timeout, int | float)
        and isinstance(keyring, bool)
    )
    if not sound:
        raise Unusable("a value is not of its kind", Place(path.name))
    return OwnSettings(
        shares=_shares(content.get("shares"), path.name),
        ca_bundle=Path(bundle) if bundle else None,
        timeout=float(timeout),
        keyring=keyring,
        request_keys={str(name): str(key) for name, key in keys.items()},
    )


def _shares(written: object, file: str) -> Shares:
    if written is None:
        return Shares()
    if not isinstance(written, dict):
        raise Unusable("shares are lines of a UNC path and a folder", Place(file))
    try:
        lines = [parse_share(str(unc), str(local)) for unc, local in written.items()]
    except NotUnc as error:
        raise Unusable(error.problem, Place(file, column="shares")) from error
    return Shares().with_lines(lines)
