"""Tell whether the server of this container is alive: exit status 0 or 1."""

from __future__ import annotations

import http.client
import os
import sys


def alive(port: int, host: str) -> bool:
    """Ask /livez as the proxy would ask: for a name that is allowed, and over TLS."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/livez", headers={"Host": host, "X-Forwarded-Proto": "https"})
        status: int = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return status == http.HTTPStatus.OK


if __name__ == "__main__":
    allowed = os.environ.get("ALLOWED_HOSTS", "").partition(",")[0].strip().lstrip(".")
    sys.exit(not alive(int(os.environ.get("PORT") or "8000"), allowed or "localhost"))
