"""The workers of a Dask cluster as an engine; the extra `fleet` has the package."""

from __future__ import annotations

from concurrent.futures import Executor
from importlib.util import find_spec
from typing import TYPE_CHECKING

from imgtar.errors import InputError, UsageError

if TYPE_CHECKING:
    from distributed import Client


class Dask:
    """The cluster at `address`; without one, `workers` processes on the loopback interface of this machine.

    Dask starts a worker again that died, and tells which task it was that killed several. Its own settings limit the
    memory. Nothing listens but the scheduler and its workers: no dashboard.
    """

    alone = False

    def __init__(self, address: str | None, workers: int) -> None:
        """Raises UsageError where the extra is not installed."""
        if find_spec("distributed") is None:
            raise UsageError("usage.extra", "--engine dask needs distributed", "pip install 'imgtar[fleet]'")
        self.width = workers if address is None else max(2, workers)  # until the scheduler says how many there are
        self._address = address
        self._clients: dict[Executor, Client] = {}

    def executor(self, width: int) -> Executor:
        """Raises InputError where the cluster does not answer."""
        from distributed import Client

        try:
            client = Client(self._local(width) if self._address is None else self._address, set_as_default=False)
        except (OSError, ValueError) as problem:
            raise InputError("input.cluster", f"{self._address}: {problem}", "start the scheduler first") from None
        if self._address is not None:
            self.width = max(1, sum(client.nthreads().values()))
        executor: Executor = client.get_executor(pure=False)
        self._clients[executor] = client
        return executor

    def close(self, executor: Executor) -> None:
        executor.shutdown()
        client = self._clients.pop(executor)
        cluster = client.cluster
        client.close()
        if cluster is not None:
            cluster.close()

    def _local(self, width: int) -> object:
        from distributed import LocalCluster

        return LocalCluster(
            n_workers=width,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            worker_dashboard_address=None,
        )
