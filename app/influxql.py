"""Asking InfluxDB in InfluxQL over ``/query``, which 1.x, 2.x and 3.x all answer."""

from types import TracebackType
from typing import Any, Self

import msgspec
import urllib3
from urllib3.exceptions import HTTPError

from collector.influx_client import InfluxSettings, explain, innermost, said_in
from collector.influx_policy import Answer
from contract.errors import MesError
from contract.points import HOURLY_SUFFIX
from dashboards.grafana.check import Series


class _Result(msgspec.Struct):
    series: list[dict[str, Any]] = []
    error: str = ""
    partial: bool = False


class _Answer(msgspec.Struct):
    results: list[_Result] = []
    #: What was wrong with the whole question: as 1.x says it, and as 2.x does.
    error: str = ""
    message: str = ""


class InfluxReader:
    """Questions to one database; one connection, for one thread."""

    def __init__(self, settings: InfluxSettings) -> None:
        self._settings = settings
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=3.0, read=60.0))
        self._headers = {"Authorization": f"Token {settings.token}"} if settings.token else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.clear()

    def ask(self, source: str, query: str) -> list[Series]:
        """The series of an answer, times in ms; ``source`` is the uid of a data source of the dashboards.

        Raises :class:`MesError` where the database cannot be asked or does not understand.
        """
        bucket = self._settings.bucket + (HOURLY_SUFFIX if source.endswith("hourly") else "")
        fields = {"db": bucket, "q": query, "epoch": "ms"}
        try:
            answer = self._pool.request_encode_url("GET", f"{self._settings.url}/query", fields, self._headers)
        except HTTPError as error:
            raise MesError(explain(self._settings, bucket, Answer(None, innermost(error)))) from error
        if answer.status in {401, 403, 404}:
            said = said_in(answer.data, answer.reason or "")
            raise MesError(explain(self._settings, bucket, Answer(answer.status, said)))
        try:
            return _series(answer.data, query)
        except _UnseenError as error:
            where = f"InfluxDB at {self._settings.url} has no bucket {bucket} that this token may read"
            raise MesError(f"{where}: correct --influx-bucket or --influx-token-file") from error


#: How 1.x and 2.x say that a database is not there, or not for this token; 2.x has one for each kind of query.
_UNSEEN = ("database not found", "retention policy not set")


class _UnseenError(Exception):
    """There is no such bucket for the token."""


def _series(body: bytes, query: str) -> list[Series]:
    try:
        said = msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError as error:
        raise MesError(f"no InfluxDB answers there: {body[:80]!r}: correct --influx-url") from error
    wrong = said.error or said.message or next((one.error for one in said.results if one.error), "")
    if any(words in wrong for words in _UNSEEN):
        raise _UnseenError(wrong)
    if wrong:
        raise MesError(f"InfluxDB refuses: {wrong}; asked: {query}")
    return [
        Series(one["name"], one.get("tags", {}), one["columns"], one["values"])
        for result in said.results
        for one in result.series
    ]
