"""The pages: what people see of the server in a browser.

Every page is drawn here and read without JavaScript; what little script there is only keeps a page
fresh. Who may see what is judged where the interface judges it: at the desk, by jobs/rights.py.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from dicomveil.server.pages import entry, files, job, jobs, lists, live, submitting


def routers() -> Sequence[APIRouter]:
    """All routes of the pages."""
    subjects = (files, entry, live, jobs, job, submitting, lists)
    return [subject.router for subject in subjects]
