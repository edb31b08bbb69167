"""An S3 of moto, served on loopback by a process of its own; works without a network."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import boto3
import pytest

from tests.servers.network import free_port, wait_for_port

BUCKET = "research"
KEY, SECRET = "AKIAEXAMPLE", "the-secret-of-the-store"


class S3(NamedTuple):
    """A running server; `client` is another library's way to it."""

    url: str
    client: "boto3.client"

    @property
    def options(self) -> dict[str, object]:
        """What fsspec is told."""
        return {
            "key": KEY,
            "secret": SECRET,
            "endpoint_url": self.url,
            "client_kwargs": {"region_name": "eu-central-1"},
        }

    def put(self, files: dict[str, bytes]) -> None:
        """Have the bucket hold these objects."""
        for name, content in files.items():
            self.client.put_object(Bucket=BUCKET, Key=name, Body=content)

    def held(self) -> dict[str, bytes]:
        """Every object of the bucket."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return {key: self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


@pytest.fixture(scope="session")
def started_s3() -> Iterator[S3]:
    """One server for the whole run."""
    port = free_port()
    serving = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(serving, stdout=quiet, stderr=quiet, env=os.environ)
    try:
        wait_for_port(port)
        url = f"http://127.0.0.1:{port}"
        client = boto3.client(
            "s3",
            endpoint_url=url,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="eu-central-1",
        )
        yield S3(url, client)
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def s3(started_s3: S3) -> S3:
    """A server with one empty bucket."""
    client = started_s3.client
    for bucket in client.list_buckets()["Buckets"]:
        listing = client.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
        for entry in listing:
            client.delete_object(Bucket=bucket["Name"], Key=entry["Key"])
        client.delete_bucket(Bucket=bucket["Name"])
    where = {"LocationConstraint": "eu-central-1"}
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    return started_s3
