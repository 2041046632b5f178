"""Which rows of the fleet dataset a view is about: filters in the sidebar and in the URL."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import streamlit as st

from core.dataset.overview import Choice, Choices, Filters

__all__ = ["clear", "draw", "show_vm"]

_ALL, _OWN = "All of it", "From and to"
_SPANS = {
    "Last hour": timedelta(hours=1),
    "Last 24 hours": timedelta(days=1),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
}
# The keys are the names in the URL.
_TIME, _FROM, _TO, _VM = "time", "from", "to", "vm"
_WORDS = {"task": "Task type", "priority": "Priority", "status": "Task status"}
_FOUND = 50


def draw(
    choices: Choices, search: Callable[[str, int], Sequence[Choice]], zone: tzinfo | None
) -> Filters:
    """Draw the filters into the sidebar and return what they say.

    `search` finds VMs by a part of their name, where there are more than `choices` lists.
    """
    with st.sidebar:
        since, until = _time(choices, zone)
        vms = _vms(choices, search)
        found = {
            key: _several(label, key, options)
            for (key, label), options in zip(
                _WORDS.items(),
                (choices.task_types, choices.priorities, choices.statuses),
                strict=True,
            )
        }
        filters = Filters(
            since=since,
            until=until,
            vms=vms,
            task_types=found["task"],
            priorities=found["priority"],
            statuses=found["status"],
        )
        if filters.in_words:
            st.button(
                "Clear filters", icon=":material/filter_alt_off:", on_click=clear, key="clear"
            )
    return filters


def clear() -> None:
    """Let all rows count again; for callbacks."""
    st.session_state[_TIME] = _ALL
    for key in (_VM, *_WORDS):
        st.session_state[key] = []


def show_vm(vm_id: str) -> None:
    """Let the rows of one VM count, at all times; for callbacks."""
    clear()
    st.session_state[_VM] = [vm_id]


def _time(choices: Choices, zone: tzinfo | None) -> tuple[datetime | None, datetime | None]:
    """Return the first moment that counts and the first one that no longer does."""
    if choices.since is None or choices.until is None:
        return None, None
    length = choices.until - choices.since
    spans = [name for name, span in _SPANS.items() if span < length]
    chosen = st.selectbox(
        "Time",
        [_ALL, *spans, _OWN],
        key=_TIME,
        bind="query-params",
        help=f"Spans end with the last measurement of the dataset. Times are in {zone or 'the '}"
        f"{'' if zone else 'zone of the server'}.",
    )
    if chosen in _SPANS:
        return choices.until - _SPANS[chosen], None
    if chosen != _OWN:
        return None, None
    low, high = (
        at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
        for at in (choices.since, choices.until + timedelta(minutes=1))
    )
    since = st.datetime_input(
        "From", value=low, min_value=low, max_value=high, key=_FROM, bind="query-params"
    )
    until = st.datetime_input(
        "To", value=high, min_value=low, max_value=high, key=_TO, bind="query-params"
    )
    return _aware(since, zone), _aware(until, zone)


def _aware(at: datetime | None, zone: tzinfo | None) -> datetime | None:
    if at is None:
        return None
    # Without a zone, a moment counts as one of this machine's.
    return (at if zone is None else at.replace(tzinfo=zone)).astimezone(UTC)


def _vms(choices: Choices, search: Callable[[str, int], Sequence[Choice]]) -> tuple[str, ...]:
    names = [choice.value for choice in choices.vms]
    more = choices.n_vms > len(names)
    if more:
        text = st.text_input(
            "Find a VM",
            key="vm_search",
            placeholder=f"part of a name, one of {choices.n_vms:,}",
        )
        if text.strip():
            names = [choice.value for choice in search(text.strip(), _FOUND)]
    chosen = st.multiselect(
        "VM",
        list(dict.fromkeys([*names, *_kept(_VM)])),
        key=_VM,
        bind="query-params",
        placeholder="all",
        accept_new_options=more,
        help="Pick a single one for its own series, events, tickets and forecast.",
    )
    return tuple(chosen)


def _several(label: str, key: str, options: Sequence[Choice]) -> tuple[str, ...]:
    """Return which values count; a column that the file lacks has no filter."""
    if not options:
        return ()
    return tuple(
        st.multiselect(
            label,
            [choice.value for choice in options],
            key=key,
            bind="query-params",
            placeholder="all",
        )
    )


def _kept(key: str) -> list[str]:
    """Return what was chosen before, which stays on offer."""
    return list(st.session_state.get(key) or [])
