"""The embedded broker: nobody is given somebody else's for his own."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

from servers import free_port

from app.broker import LOCAL, EmbeddedBroker
from contract.errors import UsageError


def test_of_several_that_begin_at_once_at_one_port_one_is_the_broker_and_the_others_say_so():
    port, several = free_port(), 3
    together = Barrier(several)

    def begin():
        together.wait()
        try:
            return open_now.enter_context(EmbeddedBroker(LOCAL, port))
        except UsageError as error:
            return str(error)

    with ExitStack() as open_now, ThreadPoolExecutor(several) as threads:
        found = [one.result() for one in [threads.submit(begin) for _ in range(several)]]
        assert sum(isinstance(one, EmbeddedBroker) for one in found) == 1
        assert all(f"port {port}" in one and "busy" in one for one in found if isinstance(one, str))
