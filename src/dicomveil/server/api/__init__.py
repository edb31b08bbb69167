"""The interface /api/v1, by subject; and health and meters beside it."""

from collections.abc import Sequence

from fastapi import APIRouter

from dicomveil.server.api import (
    audit,
    batches,
    events,
    health,
    jobs,
    mappings,
    opt_outs,
    page,
    people,
    pims,
    profiles,
    projects,
    studies,
    uploads,
    webhooks,
)


def routers() -> Sequence[APIRouter]:
    """All routes; events before jobs, whose numbers would catch their path."""
    subjects = (
        *(health, events, jobs, mappings, studies, projects, profiles, people),
        *(uploads, opt_outs, pims, webhooks, audit, batches, page),
    )
    return [subject.router for subject in subjects]
