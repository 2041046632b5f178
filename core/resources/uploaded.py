"""Files that admins have brought, each for as long as its session lasts."""

from typing import TYPE_CHECKING

import streamlit as st

from core.access import Actor
from core.resources.configured import settings

if TYPE_CHECKING:
    from core.admin.uploads import Readable, Upload, Uploads

__all__ = ["drop_upload", "upload", "uploads"]

_BYTES_PER_MB = 1 << 20


@st.cache_resource(show_spinner=False, on_release=lambda folder: folder.close())
def uploads() -> "Uploads":
    """Return where uploads wait; what an earlier process left there is removed."""
    from core.admin.uploads import Uploads

    return Uploads(settings().data_dir, settings().upload_limit_mb * _BYTES_PER_MB)


@st.cache_resource(
    show_spinner=False,
    scope="session",
    max_entries=1,
    on_release=lambda one: one[0].drop(one[1]),
)
def _upload(
    file_id: str, _actor: Actor, _file: "Readable", _name: str
) -> tuple["Uploads", "Upload"]:
    folder = uploads()
    return folder, folder.take(_actor, _file, _name)


def upload(actor: Actor, file: "Readable", *, file_id: str, name: str) -> "Upload":
    """Return the upload that was made of a file of this session, taken on first use.

    It is dropped when the session ends or brings another file. NotAllowedError and DataError as
    `Uploads.take`.
    """
    return _upload(file_id, actor, file, name)[1]


def drop_upload() -> None:
    """Remove what this session has brought."""
    _upload.clear()
