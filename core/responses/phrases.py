"""The sentences from which the offline provider writes, in each language and tone."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.responses.provider import Language, Tone

__all__ = ["PHRASES", "Phrases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Templates of one language; several for one thing are chosen among by the ticket.

    `kinds` say what a category is about; `high` what a high value of a metric means; `labels` name
    metrics where the evidence does it in another language.
    """

    openings: Mapping[Tone, tuple[str, ...]]
    sure: tuple[str, ...]
    fairly: tuple[str, ...]
    unsure: tuple[str, ...]
    unknown: tuple[str, ...]
    kinds: Mapping[str, str]
    other_kind: str
    about: str
    agrees: tuple[str, ...]
    silent: tuple[str, ...]
    unmeasured: str
    forecast: str
    past_same: tuple[str, str]
    past_other: str
    labels: Mapping[str, str]
    usual: str
    high: Mapping[str, str]
    calm: str
    nothing: str
    cause_fits: tuple[str, ...]
    no_runbook_steps: tuple[str, ...]
    reserve: Mapping[Tone, str]
    ask_measured: str
    ask_host: str
    ask_since: str
    ask_change: str
    closing: Mapping[Tone, str]
    no_model: str


_EN = Phrases(
    openings={
        "plain": ("Thanks for the report.", "Got it, I have looked at what we know so far."),
        "friendly": (
            "Hi, thanks for letting us know, and sorry for the trouble.",
            "Hi, thanks for writing this up; that helps.",
        ),
        "formal": (
            "Thank you for your report.",
            "Thank you for bringing this to our attention.",
        ),
    },
    sure=("This is {kind} {n}.", "What you describe is {kind} {n}."),
    fairly=("It looks like {kind} {n}.", "Most likely this is {kind} {n}."),
    unsure=(
        "I am not sure yet what kind of trouble this is; {kind} would be my first guess {n}.",
        "It could be {kind} {n}, but the text alone does not settle it.",
    ),
    unknown=(
        "I have read your description {n} and would not put a label on it yet.",
        "From the description {n} alone I cannot say yet what kind of trouble it is.",
    ),
    kinds={
        "anomaly": "behaviour that nobody planned for",
        "capacity-planning": "a question of room and growth",
        "general": "a general request",
        "network": "trouble with the network",
        "performance-cpu": "a machine short of processor time",
        "performance-memory": "a machine short of memory",
        "performance-disk": "a disk that fills up",
        "power": "trouble with power or its supply",
    },
    other_kind="a case for {category}",
    about="I understand that it is about {host}.",
    agrees=("The numbers agree: {facts}.", "That fits what was measured: {facts}."),
    silent=(
        "What was measured does not show it, though: {facts}.",
        "The numbers themselves look calm: {facts}.",
    ),
    unmeasured="Nothing was measured with it, so what follows rests on your words.",
    forecast="The live failure prediction has something to say on it as well {n}.",
    past_same=(
        "One ticket of the past reads much the same and was filed the same way {n}.",
        "{count} tickets of the past read much the same and were filed the same way {n}.",
    ),
    past_other="The ticket of the past that reads most like it was filed under {category} {n}.",
    labels={},
    usual="{words}, higher than {percent:.0f} % of the last day",
    high={
        "cpu": "the processors are busy nearly all the time",
        "memory": "memory is nearly used up",
        "disk": "the disk is nearly full",
        "temperature": "the machine runs hot",
        "errors": "the network interface counts errors and drops",
        "response": "answers take far longer than usual",
        "flag": "the anomaly flag is raised",
        "usual": "{label} is far above what this host usually shows",
    },
    calm="Whether the machine itself is short of anything: {facts} speaks against it.",
    nothing="What is behind it; nothing that is known so far points anywhere in particular {n}.",
    cause_fits=(
        "{cause} Your description points that way {n}.",
        "{cause} It would fit what you write {n}.",
    ),
    no_runbook_steps=(
        "Note since when it happens, how often, and what it keeps people from doing.",
        "Compare that moment with the last release, change or planned job.",
        "Look at processor, memory, disk and network of the machine for that time, side by side.",
    ),
    reserve={
        "plain": "No runbook fits, so these are the first things to look at.",
        "friendly": "There is no runbook for this one, so I would start with the basics.",
        "formal": "As no runbook applies, the following general steps are proposed.",
    },
    ask_measured="What do processor, memory and disk of the machine show at that time?",
    ask_host="Which machine or service is it?",
    ask_since="Since when does it happen, and is it there all the time?",
    ask_change="What was changed shortly before?",
    closing={
        "plain": "Tell me what the first two steps show and I will go on from there.",
        "friendly": "Let me know what the first steps show, and we will take it from there.",
        "formal": "Please let us know the outcome of the first steps so that we can proceed.",
    },
    no_model="Put together from measurements, runbooks and past tickets, without a language model.",
)

_DE = Phrases(
    openings={
        "plain": (
            "Danke für die Meldung.",
            "Ist angekommen, ich habe angesehen, was bisher bekannt ist.",
        ),
        "friendly": (
            "Hallo, danke fürs Melden, und entschuldige die Umstände.",
            "Hallo, danke für die Beschreibung, das hilft weiter.",
        ),
        "formal": (
            "Vielen Dank für Ihre Meldung.",
            "Vielen Dank, dass Sie uns darauf aufmerksam gemacht haben.",
        ),
    },
    sure=("Hier geht es um {kind} {n}.", "Es geht um {kind} {n}, das ist recht eindeutig."),
    fairly=("Es geht wohl um {kind} {n}.", "Am wahrscheinlichsten geht es um {kind} {n}."),
    unsure=(
        "Noch ist nicht klar, worum es geht, vielleicht um {kind} {n}.",
        "Es könnte um {kind} gehen {n}, der Text allein entscheidet das aber nicht.",
    ),
    unknown=(
        "Die Beschreibung {n} ist gelesen, eine Einordnung wäre noch zu früh.",
        "Aus der Beschreibung {n} allein lässt sich die Art des Problems noch nicht ablesen.",
    ),
    kinds={
        "anomaly": "ungeplantes, unerklärtes Verhalten",
        "capacity-planning": "Platz und Wachstum",
        "general": "ein allgemeines Anliegen",
        "network": "ein Netzwerkproblem",
        "performance-cpu": "fehlende Rechenzeit",
        "performance-memory": "knappen Arbeitsspeicher",
        "performance-disk": "eine volllaufende Festplatte",
        "power": "die Stromversorgung",
    },
    other_kind="das Thema {category}",
    about="Betroffen ist demnach {host}.",
    agrees=("Die Messwerte passen dazu: {facts}.", "Das deckt sich mit den Messwerten: {facts}."),
    silent=(
        "Die Messwerte zeigen das allerdings nicht: {facts}.",
        "Die Messwerte selbst sind unauffällig: {facts}.",
    ),
    unmeasured="Gemessen wurde dazu nichts; das Folgende stützt sich auf die Beschreibung.",
    forecast="Auch die Live-Ausfallvorhersage hat dazu etwas gemeldet {n}.",
    past_same=(
        "Ein früheres Ticket liest sich fast gleich und wurde ebenso eingeordnet {n}.",
        "{count} frühere Tickets lesen sich fast gleich und wurden ebenso eingeordnet {n}.",
    ),
    past_other="Das ähnlichste frühere Ticket wurde unter {category} eingeordnet {n}.",
    labels={
        "memory": "Speicher",
        "disk": "Festplatte",
        "temperature": "Temperatur",
        "errors": "Netzwerkfehler",
        "response": "Antwortzeit",
        "flag": "Anomalie-Kennzeichen",
    },
    usual="{words}, höher als zu {percent:.0f} % des letzten Tages",
    high={
        "cpu": "die Prozessoren sind fast ständig beschäftigt",
        "memory": "der Arbeitsspeicher ist fast aufgebraucht",
        "disk": "die Festplatte ist fast voll",
        "temperature": "die Maschine wird heiß",
        "errors": "die Netzwerkschnittstelle zählt Fehler und Verluste",
        "response": "Antworten dauern weit länger als üblich",
        "flag": "das Anomalie-Kennzeichen ist gesetzt",
        "usual": "{label} liegt weit über dem, was dieser Host sonst zeigt",
    },
    calm="Ob der Maschine selbst etwas fehlt: {facts} spricht dagegen.",
    nothing="Was dahintersteckt; bisher weist nichts in eine bestimmte Richtung {n}.",
    cause_fits=(
        "{cause} Die Beschreibung deutet darauf hin {n}.",
        "{cause} Das würde zur Beschreibung passen {n}.",
    ),
    no_runbook_steps=(
        "Festhalten, seit wann es auftritt, wie oft, und was dadurch nicht geht.",
        "Den Zeitpunkt mit dem letzten Release, der letzten Änderung und "
        "geplanten Aufgaben vergleichen.",
        "Prozessor, Speicher, Platte und Netz der Maschine für diese Zeit nebeneinander ansehen.",
    ),
    reserve={
        "plain": "Ein passendes Runbook gibt es nicht, deshalb zuerst das Grundsätzliche.",
        "friendly": (
            "Dafür gibt es noch kein Runbook, deshalb fangen wir mit dem Grundsätzlichen an."
        ),
        "formal": "Da kein Runbook zutrifft, werden folgende allgemeine Schritte vorgeschlagen.",
    },
    ask_measured="Was zeigen Prozessor, Speicher und Platte der Maschine zu dieser Zeit?",
    ask_host="Um welche Maschine oder welchen Dienst geht es?",
    ask_since="Seit wann tritt es auf, und ist es ständig da?",
    ask_change="Was wurde kurz davor geändert?",
    closing={
        "plain": (
            "Eine kurze Rückmeldung zu den ersten beiden Schritten genügt, dann geht es weiter."
        ),
        "friendly": "Sag kurz Bescheid, was die ersten Schritte zeigen, dann machen wir weiter.",
        "formal": (
            "Bitte teilen Sie uns das Ergebnis der ersten Schritte mit, "
            "damit wir fortfahren können."
        ),
    },
    no_model="Zusammengestellt aus Messwerten, Runbooks und früheren Tickets, ohne Sprachmodell.",
)

PHRASES: Mapping[Language, Phrases] = {"en": _EN, "de": _DE}
