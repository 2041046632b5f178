"""A file on its way to become the dataset: brought, looked into, saved or dropped."""

from datetime import tzinfo

import streamlit as st

from core import resources
from core.access import Actor
from core.admin import data
from core.admin.uploads import Upload
from core.dataset.review import Review
from core.errors import CoreError
from pages.ui import admin_change, admin_review, dataset_words, errors, work_progress
from pages.ui.errors import as_text

__all__ = ["draw"]

_TYPES = ("csv", "tsv", "txt", "gz")
_NEEDED = (
    "CSV with comma, semicolon, tab or bar, plain or gzipped: `vm_id`, `timestamp` and "
    "measurements such as `cpu_usage`; or `ticket_text` with `ticket_category`. Nothing changes "
    "before you save."
)
_FINISHED = "admin_upload_finished"


def draw(actor: Actor, zone: tzinfo | None) -> None:
    """Draw the upload and, once there is one, what would become of it."""
    st.subheader("Bring a new dataset", anchor=False)
    file = st.file_uploader(
        "CSV file",
        type=_TYPES,
        max_upload_size=resources.settings().upload_limit_mb,
        key="admin_upload",
        label_visibility="collapsed",
    )
    if file is None:
        st.caption(_NEEDED)
        resources.drop_upload()
        return
    if st.session_state.get(_FINISHED) == file.file_id:
        return
    try:
        upload = resources.upload(actor, file, file_id=file.file_id, name=file.name)
    except CoreError as error:
        errors.show(error)
        return
    found = upload.work.status().result
    if found is None:
        work_progress.draw(upload.work, key="admin_look", again=upload.look_again)
        return
    _verdict(upload, found)
    _decide(actor, upload, found, file.file_id)
    admin_review.renames(upload, found)
    admin_review.draw(found, zone)


def _verdict(upload: Upload, found: Review) -> None:
    """Say in one line whether the file can become the dataset."""
    name = as_text(upload.name)
    if found.prepared is None:
        st.markdown(f"#### :red[■ Cannot be used]: {name}")
        st.error(as_text(found.refusal), icon=":material/error:")
        return
    report = found.prepared.report
    n_remarks = admin_review.n_remarks(report)
    says = as_text(dataset_words.size(report))
    if found.same_as:
        st.markdown(f"#### :gray[○ Nothing new]: {name} holds the same data as {found.same_as}")
    elif n_remarks:
        remarks = as_text(dataset_words.counted(n_remarks, "remark"))
        st.markdown(f"#### :orange[▲ Ready to save, with {remarks}]: {name}, {says}")
    else:
        st.markdown(f"#### :green[● Ready to save]: {name}, {says}")


def _decide(actor: Actor, upload: Upload, found: Review, file_id: str) -> None:
    """Let the person save the file or drop it."""
    with st.container(horizontal=True):
        saves = found.prepared is not None and st.button(
            "Save as the dataset",
            type="primary",
            icon=":material/save:",
            key="admin_save",
            disabled=bool(found.same_as),
            help="As a new version, active at once; the present one stays and can be returned to.",
        )
        drops = st.button("Drop it", icon=":material/close:", key="admin_drop")
    if drops:
        _finish(file_id, f"{upload.name} was dropped; the dataset is as it was.")
    if saves and found.prepared is not None:
        try:
            stored = data.save(
                actor, resources.store(), found.prepared, resources.settings().data_dir
            )
        except CoreError as error:
            errors.show(error)
            return
        _finish(
            file_id,
            f"{upload.name} is saved as {stored.version} and active. All open pages follow with "
            "their next interaction.",
        )


def _finish(file_id: str, says: str) -> None:
    """Let go of the upload; the file's name stays in the field until another one is brought."""
    resources.drop_upload()
    st.session_state[_FINISHED] = file_id
    admin_change.finish(says)
