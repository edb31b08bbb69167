"""The interface /api/v1, by subject; and health and meters beside it."""

from collections.abc import Sequence

from fastapi import APIRouter

from dicomveil.server.api import events, health, jobs, mappings, studies


def routers() -> Sequence[APIRouter]:
    """All routes; events before jobs, whose numbers would catch their path."""
    return health.router, events.router, jobs.router, mappings.router, studies.router
