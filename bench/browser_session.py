"""One open browser tab as the server sees it: Streamlit's protocol over a real websocket.

It loads a page and then, as Streamlit's script in a browser does, asks for every part of the page
that redraws itself at the interval that the server named, whether or not the last answer has come.
It draws nothing, so a machine can hold hundreds.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from streamlit.proto.AutoRerun_pb2 import AutoRerun
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

__all__ = ["BrowserSession", "Update"]


@dataclass(frozen=True, slots=True)
class Update:
    """A part of a page that was due at `due_s`, and drawn whole `waited_s` later."""

    due_s: float
    waited_s: float


@dataclass(slots=True)
class BrowserSession:
    """A tab with a page open. All times are seconds of `time.perf_counter`.

    Parameters
    ----------
    address : str
        Of the server: "http://127.0.0.1:8501".
    page : str
        The page's own address; empty for the only page of a script.

    Attributes
    ----------
    updates : list of Update
        Of the parts that redraw themselves; a wait begins when a part is due, not when it is asked
        for, so that an overloaded client does not make the server look quick.
    first_view_s : float or None
        From the opened connection to the whole page; None until it is there.
    intervals_s : dict
        The interval of each part that redraws itself, by its id.
    problems : list of str
        What a person would have seen go wrong.
    """

    address: str
    page: str = ""
    updates: list[Update] = field(default_factory=list)
    first_view_s: float | None = None
    intervals_s: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _script_hash: str = ""
    _due: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _being_drawn: dict[str, int] = field(default_factory=dict)
    _timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def waiting_since_s(self) -> list[float]:
        """When each part was due that has not been drawn since."""
        return [due_s for dues in self._due.values() for due_s in dues]

    async def stay(self) -> None:
        """Open the page and keep it open until cancelled."""
        stream = f"{self.address.replace('http', 'ws', 1)}/_stcore/stream"
        try:
            async with connect(
                stream, origin=self.address, subprotocols=["streamlit"], max_size=None, proxy=None
            ) as socket:
                opened_s = time.perf_counter()
                await socket.send(self._asks(""))
                async for payload in socket:
                    self._take(socket, ForwardMsg.FromString(payload), opened_s)
                self.problems.append("the server closed the connection")
        except (ConnectionClosed, OSError) as error:
            self.problems.append(f"the connection was lost: {error}")
        finally:
            self._stop_timers(list(self._timers))

    def _take(self, socket: ClientConnection, message: ForwardMsg, opened_s: float) -> None:
        """Do with a message of the server what a browser does."""
        parts = message.metadata.run.fragment_ids
        match message.WhichOneof("type"):
            case "new_session":
                self._script_hash = message.new_session.page_script_hash
                # What falls due from now on is answered by the next run, not by this one.
                self._being_drawn = {part: len(self._due[part]) for part in parts}
                if not parts:
                    self._stop_timers(list(self._timers))
            case "auto_rerun":
                self._start_timer(socket, message.auto_rerun)
            case "stop_auto_rerun":
                self._stop_timers(message.stop_auto_rerun.fragment_ids)
            case "script_finished":
                self._finished(time.perf_counter(), opened_s)
        if complaint := _complaint(message):
            self.problems.append(complaint)

    def _finished(self, now_s: float, opened_s: float) -> None:
        """Note what has been drawn.

        What a run's end is called does not matter: where the next run begins before the end of one
        was sent, Streamlit calls it early though its parts were drawn whole. And where a part is
        asked for before the end of the page's first run, that end may not be told at all.
        """
        if self.first_view_s is None:
            self.first_view_s = now_s - opened_s
        for part, n_due in self._being_drawn.items():
            for _ in range(n_due):
                due_s = self._due[part].popleft()
                self.updates.append(Update(due_s, now_s - due_s))
        self._being_drawn = {}

    async def _ask(self, socket: ClientConnection, part: str, interval_s: float) -> None:
        """Ask for one part at each interval, on a beat that does not drift."""
        due_s = time.perf_counter()
        while True:
            due_s += interval_s
            await asyncio.sleep(due_s - time.perf_counter())
            self._due[part].append(due_s)
            await socket.send(self._asks(part))

    def _asks(self, part: str) -> bytes:
        message = BackMsg()
        asked = message.rerun_script
        asked.fragment_id, asked.is_auto_rerun = part, bool(part)
        asked.page_script_hash = self._script_hash
        if not self._script_hash:
            asked.page_name = self.page
        asked.context_info.timezone = "Europe/Berlin"
        asked.context_info.locale = "en-GB"
        asked.context_info.url = f"{self.address}/{self.page}"
        return message.SerializeToString()

    def _start_timer(self, socket: ClientConnection, told: AutoRerun) -> None:
        if told.fragment_id not in self._timers:
            self.intervals_s[told.fragment_id] = told.interval
            asking = self._ask(socket, told.fragment_id, told.interval)
            self._timers[told.fragment_id] = asyncio.create_task(asking)

    def _stop_timers(self, parts: Iterable[str]) -> None:
        for part in parts:
            if (timer := self._timers.pop(part, None)) is not None:
                timer.cancel()
            self.intervals_s.pop(part, None)
            self._due.pop(part, None)


def _complaint(message: ForwardMsg) -> str:
    """Return what a message says went wrong; "" where nothing did."""
    match message.WhichOneof("type"):
        case "script_finished" if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            return "a page could not be compiled"
        case "delta" if message.delta.new_element.WhichOneof("type") == "exception":
            return f"a page shows {message.delta.new_element.exception.message!r}"
        case "page_not_found":
            return f"there is no page {message.page_not_found.page_name!r}"
    return ""
