"""Webhooks over the interface, and told by a server that runs and is killed."""

import json
import signal
import socket
import time
from pathlib import Path

import pytest

from dicomveil.serving import open_house
from dicomveil.settings import load_settings
from tests.jobs.receiver import Receiver, receiving
from tests.server.live import SHARE, running
from tests.server.world import World

URL = "https://hook.test/a"


def test_an_administrator_sets_shows_and_removes_a_webhook(server: World) -> None:
    path = "/projects/first/webhook"

    made = server.api("PUT", path, "admin", json={"url": URL, "tells": "source"}).json()
    shown = server.api("GET", path, "admin").json()
    again = server.api("PUT", path, "admin", json={"url": URL}).json()
    server.api("DELETE", path, "admin")

    assert len(made["secret"]) == 64
    assert (shown["url"], shown["tells"], "secret" in shown) == (URL, "source", False)
    assert again["secret"] != made["secret"]
    assert server.api("GET", path, "admin").status_code == 404


def test_deliveries_are_listed(server: World) -> None:
    server.api("PUT", "/projects/first/webhook", "admin", json={"url": URL})
    number = server.asked()["job_id"]
    server.api("POST", f"/jobs/{number}/cancel")

    listed = server.api("GET", "/projects/first/webhook/deliveries", "admin").json()

    assert [(one["job_id"], one["state"]) for one in listed["deliveries"]] == [(number, "due")]


@pytest.mark.parametrize("url", ["http://hook.test/", "https://a:b@hook.test/", "javascript:1"])
def test_an_address_of_another_form_is_refused(server: World, url: str) -> None:
    answer = server.api("PUT", "/projects/first/webhook", "admin", json={"url": url})

    assert answer.status_code == 400
    assert url not in answer.text


def test_addresses_do_not_stand_in_the_audit(server: World) -> None:
    server.api("PUT", "/projects/first/webhook", "admin", json={"url": URL})

    said = server.api("GET", "/audit", "admin").text

    assert "webhook set" in said
    assert "hook.test" not in said


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(receiver: Receiver, count: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while len(receiver.sent) < count:
        assert time.monotonic() < until, receiver.sent
        time.sleep(0.1)


def test_a_server_that_is_killed_before_it_told_tells_after_its_start(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path) as live:
        live.stop()
        text = live.settings.read_text("utf-8")
        allowed = text.replace("port = 0", 'port = 0\nwebhook_networks = "127.0.0.0/8"')
        live.settings.write_text(allowed, "utf-8")
        live.start()
        live.study("planted")
        hook = {"url": f"http://127.0.0.1:{port}/hook"}
        live.ask("PUT", "/api/v1/projects/first/webhook", "admin", json=hook)
        number = live.ask(
            "POST",
            "/create_job",
            source_type="PATH",
            source_path=rf"folder:{SHARE}\data\planted",
            destination_path=rf"{SHARE}\out",
            project_name="first",
            anonymizedpatientid="P1",
        )[1]["job_id"]
        live.watched([number])
        live.stop(signal.SIGKILL)

        with receiving(port=port) as receiver:
            live.start()
            wait_for(receiver, 1)

        log = live.log()

    house = open_house(load_settings({}, str(live.settings)))
    (delivery,) = house.webhooks.deliveries(1)
    house.close()
    assert json.loads(receiver.sent[0].body)["job"]["job_id"] == number
    assert b"planted" not in receiver.bodies
    assert (delivery.state, delivery.name) == (
        "delivered",
        receiver.sent[0].headers["Dicomveil-Delivery"],
    )
    assert str(port) not in log
