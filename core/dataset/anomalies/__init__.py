"""Which rows of the fleet dataset are anomalies, how sure that is, and what made them so.

`learn` looks at a bounded sample of a `Fleet` and returns a `Detector`: a model of `anomaly_status`
where that is given, else how far a row lies from what is usual for its VM or task. Its `detection`
says how good it is and whether there is any signal; its `find` goes through the rows in batches.
Both take a callback for the progress, which cancels them by raising.
"""

from core.dataset.anomalies.detector import Detector
from core.dataset.anomalies.export import EXPORT_COLUMNS, export_lines
from core.dataset.anomalies.learning import learn
from core.dataset.anomalies.results import Anomalies, Anomaly, Cause, Detection, DetectionScore

__all__ = [
    "EXPORT_COLUMNS",
    "Anomalies",
    "Anomaly",
    "Cause",
    "Detection",
    "DetectionScore",
    "Detector",
    "export_lines",
    "learn",
]
