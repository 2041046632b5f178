"""The plotly.js of the installed plotly package, served by the app itself: no outside host."""

from importlib import metadata, resources

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

__all__ = ["ADDRESS", "ROUTE"]

# The version in the address lets browsers keep the file for good.
ADDRESS = f"/plotly/{metadata.version('plotly')}/plotly.min.js"


def _script(_: Request) -> FileResponse:
    file = resources.files("plotly") / "package_data" / "plotly.min.js"
    return FileResponse(
        str(file),
        media_type="text/javascript",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


ROUTE = Route(ADDRESS, _script)
