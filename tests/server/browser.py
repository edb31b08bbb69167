"""A browser for tests: a client with a session's cookie, and the forms of the pages it is shown."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from tests.server.world import World


@dataclass
class Browser:
    """Somebody who signed in."""

    server: World
    secret: str

    def get(self, path: str, **more: Any) -> Any:
        """A page."""
        return self._sent("GET", path, **more)

    def post(self, path: str, **more: Any) -> Any:
        """The answer to a form, which carries what the forms of this session carry."""
        data = {"seal": self.seal(), **more.pop("data", {})}
        return self._sent("POST", path, data=data, **more)

    def seal(self) -> str:
        found = re.search(r'name="seal" value="([0-9a-f]+)"', self.get("/me").text)
        assert found
        return found[1]

    def text(self, path: str) -> str:
        """What a page says, its entities resolved."""
        return unescape(self.get(path).text)

    def _sent(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Cookie": f"dicomveil={self.secret}", **more.pop("headers", {})}
        return self.server.client.request(
            method, f"/page{path}", headers=headers, follow_redirects=False, **more
        )


def signed_in(server: World, who: str) -> Browser:
    """The browser of one of the people."""
    return Browser(server, server.porch.sessions.begin(server.registry.user(who)))
