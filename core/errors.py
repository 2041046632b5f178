"""Every error that a person may see, in one tree.

CoreError
    SettingsError                an environment variable has a value that cannot be used
    DataError                    a file or a sequence cannot be used
        MissingDataError         there is nothing to read
        SchemaError              columns, types or values are not what was asked for
        TooFewSamplesError       the data is right, and there is not enough of it
    ArtifactError                a model version on disk cannot be used
        ArtifactNotFoundError    there is none
        ArtifactIncompatibleError    it was written for another format or for other columns
        ArtifactCorruptError     its files are not the ones that were written
    NotTrainedError              a model was asked to predict before it was trained
    MetricUnavailableError       this host cannot measure this metric (now)
    StoreError                   the database cannot be read or written
    LLMError                     a language model wrote no reply, or not all of it
        LLMAuthError             the token is missing, wrong or not allowed to
        LLMCreditsError          what the token may spend is used up
        LLMModelError            the model or the address is not served, or the prompt is too long
        LLMRateLimitedError      too many requests for now
        LLMTimeoutError          it took too long
        LLMUnavailableError      the service cannot be reached or is down
        LLMResponseError         its answer cannot be read
    UnknownNameError             a registry has no entry of this name
    AccessError                  who asks may not have what they ask for
        NotAllowedError          they are no admin
        SignInError              they could not be signed in
    JobError                     background work could not be started or has failed

A message says what failed, what was received and what to do. Errors do not log: whoever catches
one does.
"""

__all__ = [
    "AccessError",
    "ArtifactCorruptError",
    "ArtifactError",
    "ArtifactIncompatibleError",
    "ArtifactNotFoundError",
    "CoreError",
    "DataError",
    "JobError",
    "LLMAuthError",
    "LLMCreditsError",
    "LLMError",
    "LLMModelError",
    "LLMRateLimitedError",
    "LLMResponseError",
    "LLMTimeoutError",
    "LLMUnavailableError",
    "MetricUnavailableError",
    "MissingDataError",
    "NotAllowedError",
    "NotTrainedError",
    "SchemaError",
    "SettingsError",
    "SignInError",
    "StoreError",
    "TooFewSamplesError",
    "UnknownNameError",
]


class CoreError(Exception):
    """Something that a person can understand and mend."""


class SettingsError(CoreError):
    """An environment variable has a value that cannot be used."""


class DataError(CoreError):
    """A file or a sequence cannot be used."""


class MissingDataError(DataError):
    """There is nothing to read."""


class SchemaError(DataError):
    """Columns, types or values are not what was asked for."""


class TooFewSamplesError(DataError):
    """The data is right, and there is not enough of it."""


class ArtifactError(CoreError):
    """A model version on disk cannot be used."""


class ArtifactNotFoundError(ArtifactError):
    """There is no such model version."""


class ArtifactIncompatibleError(ArtifactError):
    """A model version was written for another format or for other columns."""


class ArtifactCorruptError(ArtifactError):
    """The files of a model version are not the ones that were written."""


class NotTrainedError(CoreError):
    """A model was asked to predict before it was trained."""


class MetricUnavailableError(CoreError):
    """This host cannot measure this metric, or not now; the message is the reason a person sees."""


class StoreError(CoreError):
    """The database cannot be read or written."""


class LLMError(CoreError):
    """A language model wrote no reply, or not all of it; the message says what to do.

    `server_said` holds the server's own words, for the log only.
    """

    def __init__(self, message: str, *, server_said: str = "") -> None:
        super().__init__(message)
        self.server_said = server_said


class LLMAuthError(LLMError):
    """The token is missing, wrong or not allowed to."""


class LLMCreditsError(LLMError):
    """What the token may spend is used up."""


class LLMModelError(LLMError):
    """The model or the address is not served, or the prompt is too long."""


class LLMRateLimitedError(LLMError):
    """Too many requests for now."""


class LLMTimeoutError(LLMError):
    """It took too long."""


class LLMUnavailableError(LLMError):
    """The service cannot be reached or is down."""


class LLMResponseError(LLMError):
    """Its answer cannot be read."""


class UnknownNameError(CoreError, LookupError):
    """A registry has no entry of this name."""


class AccessError(CoreError):
    """Who asks may not have what they ask for."""


class NotAllowedError(AccessError):
    """Whoever asks is no admin."""


class SignInError(AccessError):
    """Whoever asks could not be signed in."""


class JobError(CoreError):
    """Background work could not be started or has failed."""
