"""What a server writes into its log, for tests to read."""

import io
import json
from typing import Any


class Lines(io.StringIO):
    """A stream that reads back as events."""

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events of that name."""
        return [
            one for one in map(json.loads, self.getvalue().splitlines()) if one["event"] == name
        ]
