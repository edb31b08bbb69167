"""The courier: a thread that tells webhooks what they are to be told, one thing after the other."""

import json
import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

from dicomveil.job_errors import NoSuch
from dicomveil.jobs.clock import Now
from dicomveil.jobs.ledger import Ledger
from dicomveil.jobs.posting import Letter, Post, Undelivered
from dicomveil.jobs.webhooks import Delivery, Tells, Webhook, Webhooks

_MINUTE: Final = 60.0
_IDLE: Final = 1.0  # seconds between two looks for something to tell
_LOG: Final = logging.getLogger("dicomveil.jobs")


class Courier:
    """Tells webhooks how jobs ended. `start`, then `stop`; or `step` by step."""

    def __init__(self, webhooks: Webhooks, ledger: Ledger, post: Post, now: Now) -> None:
        """Send by `post` what `webhooks` has."""
        self._webhooks = webhooks
        self._ledger = ledger
        self._post = post
        self._now = now
        self._stopping = threading.Event()
        self._errand: Callable[[], object] = bool
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)

    def start(self, errand: Callable[[], object]) -> None:
        """Begin; the errand is run each minute or so, while nothing is to be told."""
        self._errand = errand
        self._thread.start()

    def stop(self) -> None:
        """Stop once what is being told was told; the rest is kept in the ledger."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def step(self) -> bool:
        """Tell the next thing that is due; False when there is none."""
        delivery = self._webhooks.claim()
        if delivery is None:
            return False
        webhook = self._webhooks.of(delivery.project)
        if webhook is None:
            self._webhooks.dropped(delivery, "the project has no webhook any more")
            return True
        letter = Letter(self._body(webhook, delivery), delivery.name, int(self._now().timestamp()))
        try:
            self._post.send(webhook.url, letter, webhook.secret)
        except Undelivered as error:
            _LOG.warning("webhook undelivered", extra={"job": delivery.job, "try": delivery.tries})
            self._webhooks.troubled(delivery, str(error))
        else:
            self._webhooks.told(delivery)
        return True

    def _body(self, webhook: Webhook, delivery: Delivery) -> bytes:
        told = json.loads(delivery.body)
        if webhook.tells is Tells.SOURCE:
            told["source"] = self._source(delivery.job)
        return json.dumps({"delivery": delivery.name, "event": "job.ended", "job": told}).encode()

    def _source(self, number: int) -> dict[str, str] | None:
        try:
            job = self._ledger.job(number)
        except NoSuch:
            return None
        return {
            "source": f"{job.source_type}:{job.source}" if job.source else "",
            "destination_path": job.destination,
            "description": job.description,
            "pseudo_id": job.pseudo_id,
            "pseudo_name": job.pseudo_name,
        }

    def _work(self) -> None:
        next_errand = 0.0
        while not self._stopping.is_set():
            try:
                if self.step():
                    continue
                if monotonic() >= next_errand:
                    next_errand = monotonic() + _MINUTE
                    self._errand()
            except Exception as error:  # noqa: BLE001 - the courier outlives whatever it meets
                _LOG.error("courier failed", extra={"error": type(error).__name__})
            self._stopping.wait(_IDLE)
