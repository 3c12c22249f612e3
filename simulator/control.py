"""Switching the mess of a running simulator: a wish is ``{kind: rate}`` on a topic of its own, outside the telemetry.

mes mess ─→ wish() ─→ broker: mes/control/mess ─→ obey() ─→ Mess.switch
"""

import asyncio
import logging
from collections.abc import Mapping

import aiomqtt
import msgspec

from contract.broker_url import BrokerUrl
from contract.errors import BrokerError, UsageError
from contract.topics import MESS
from simulator.mess import Mess, check_rate

_RETRY_S = 5.0
_TIMEOUT_S = 5.0
_log = logging.getLogger(__name__)
_decoder = msgspec.json.Decoder(dict[str, float])


async def wish(broker: BrokerUrl, rates: Mapping[str, float]) -> None:
    """Ask whoever simulates at ``broker`` for ``rates`` from now on. Raises :class:`BrokerError`."""
    try:
        async with _client(broker) as client:
            await client.publish(MESS, msgspec.json.encode(rates), qos=1)
    except aiomqtt.MqttError as error:
        raise BrokerError(
            f"no broker answers at {broker} ({error}): start one with `mes broker`, or check the address"
        ) from error


async def obey(broker: BrokerUrl, mess: Mess) -> None:
    """Do to ``mess`` what is wished at ``broker``, until cancelled."""
    while True:
        try:
            async with _client(broker) as client:
                await client.subscribe(MESS, qos=1)
                async for message in client.messages:
                    _take(mess, message.payload)
        except aiomqtt.MqttError as error:
            _log.warning("wishes for the mess are not heard (%s), trying again", error)
        await asyncio.sleep(_RETRY_S)


def _take(mess: Mess, payload: object) -> None:
    try:
        rates = _decoder.decode(payload if isinstance(payload, bytes) else b"")
        for kind, rate in rates.items():
            check_rate(kind, rate)
    except (msgspec.DecodeError, UnicodeDecodeError, UsageError) as error:
        _log.warning("a wish for the mess makes no sense: %s", error)
        return
    for kind, rate in rates.items():
        mess.switch(kind, rate)
    # A warning: from here on what is published is made worse (or better) on purpose, and whoever watches should know.
    _log.warning("mess: %s", ", ".join(f"{kind}={rate:g}" for kind, rate in rates.items()))


def _client(broker: BrokerUrl) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.user,
        password=broker.password,
        protocol=aiomqtt.ProtocolVersion.V311,
        timeout=_TIMEOUT_S,
    )
