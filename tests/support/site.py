"""A page without a network: its application, called in this process. It takes no encoder, and so no time."""

from dataclasses import dataclass

from fastapi import FastAPI
from starlette.testclient import TestClient


@dataclass(frozen=True)
class Site:
    """A page, and a browser that knows nothing of it yet."""

    app: FastAPI
    client: TestClient

    def visitor(self) -> TestClient:
        """Return another browser."""
        return TestClient(self.app, base_url="http://testserver")
