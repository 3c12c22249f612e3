"""The wire to InfluxDB: one request, and what came back as an ``Answer``; the client's errors end here.

What is written is bytes of joined lines, synchronously: the client's own batching may lose points when it is closed,
and its point objects are many times slower.
"""

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from urllib3.exceptions import HTTPError

from collector.influx_policy import Answer, Verdict

if TYPE_CHECKING:
    from influxdb_client.rest import ApiException

_CONNECT_MS, _ANSWER_MS = 3_000, 30_000
#: What 1.x calls an organisation: nothing, but the client wants one.
_NO_ORG = "-"
_SAID_LENGTH = 200
#: What a server's own file system says; 1.x stays with that error until it is restarted.
_FULL = "no space left"


class InfluxSettings(Struct, frozen=True):
    """Where the database is. ``token``: of 2.x and 3.x, or ``user:password`` of 1.x; ``org`` of 2.x only."""

    url: str
    bucket: str = "mes"
    org: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"InfluxSettings({self.url!r}, bucket={self.bucket!r}, org={self.org!r})"


class InfluxWriter:
    """A client that itself tries nothing again; for one thread.

    The library is imported here: its hundreds of models take as long to load
    as all the rest of `mes`, and most verbs send nothing.
    """

    def __init__(self, settings: InfluxSettings) -> None:
        from influxdb_client.client.influxdb_client import InfluxDBClient  # noqa: PLC0415 - see above
        from influxdb_client.client.write_api import SYNCHRONOUS  # noqa: PLC0415 - see above

        self._org = settings.org or _NO_ORG
        timeout_ms = (_CONNECT_MS, _ANSWER_MS)
        self._client = InfluxDBClient(settings.url, settings.token, timeout=timeout_ms, org=self._org)
        self._api = self._client.write_api(write_options=SYNCHRONOUS)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()  # type: ignore[no-untyped-call]

    def write(self, bucket: str, body: bytes) -> Answer:
        """One request; never raises for what the database or the network does. Times in ``body`` are µs."""
        from influxdb_client.domain.write_precision import WritePrecision  # noqa: PLC0415 - see above
        from influxdb_client.rest import ApiException  # noqa: PLC0415 - see above

        try:
            self._api.write(bucket=bucket, org=self._org, record=body, write_precision=WritePrecision.US)  # type: ignore[arg-type]  # its precisions are strings
        except ApiException as error:
            return Answer(error.status or None, said_in(error.body, str(error.reason)), _retry_after_s(error))
        except (HTTPError, OSError) as error:
            return Answer(None, innermost(error))
        return Answer(204)


def explain(settings: InfluxSettings, bucket: str, answer: Answer) -> str:
    """What an answer other than success means, and what to do."""
    where, said = f"InfluxDB at {settings.url}", f" ({answer.said[:_SAID_LENGTH]})" if answer.said else ""
    known = {
        None: f"{where} does not answer{said}: start it, or correct --influx-url",
        401: f"{where} does not know the token{said}: correct --influx-token-file",
        403: f"{where} does not let this token write to {bucket}{said}: give the token that right",
        404: f"{where} has no bucket {bucket}{said}: create it, or correct --influx-bucket or --influx-org",
    }
    if answer.status in known:
        return known[answer.status]
    if _FULL in answer.said:
        return f"{where} has no room on its disk{said}: make room, and restart it where it does not write then"
    if answer.status in {429, 503, 507}:
        return f"{where} takes no more now, status {answer.status}{said}: is it overloaded, or its disk full?"
    if answer.verdict is Verdict.LATER:
        return f"{where} fails, status {answer.status}{said}: its own log says why"
    return f"{where} refuses what we write, status {answer.status}{said}: correct --influx-url"


def innermost(error: BaseException) -> str:
    """What was wrong in the first place, of an error that holds another."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return innermost(reason)
    return str(error).partition(": ")[2] or str(error)


def said_in(body: str | bytes | None, reason: str) -> str:
    """The reason in the body of an answer: its ``error`` or ``message``; without any, ``reason``."""
    try:
        told = msgspec.json.decode(body or b"", type=dict[str, object])
    except msgspec.DecodeError:
        return " ".join(reason.split())
    return " ".join(str(told.get("message") or told.get("error") or reason).split())


def _retry_after_s(error: "ApiException") -> float | None:
    value = str((error.headers or {}).get("Retry-After", ""))  # type: ignore[call-overload]
    return float(value) if value.isdecimal() else None
