# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ask a service from a thread that is not the executor's, and wait for its answer."""

from __future__ import annotations

import threading
from typing import Any

from rclpy.client import Client

from skeleton_dml_ros.node.interface import ServiceTimeoutError


def ask(client: Client, request: Any, timeout: float = 30.0) -> Any:
    """The response to a request.

    The executor has to spin in another thread, since it is what brings the answer.

    Args:
        client: of the service.
        request: of its type.
        timeout: seconds.

    Raises:
        ServiceTimeoutError: nobody answered in time.
    """
    if not client.wait_for_service(timeout_sec=timeout):
        raise ServiceTimeoutError(
            f"there is no service {client.srv_name}; start the node that offers it"
        )
    answered = threading.Event()
    future = client.call_async(request)
    future.add_done_callback(lambda _: answered.set())
    if not answered.wait(timeout):
        client.remove_pending_request(future)
        raise ServiceTimeoutError(f"{client.srv_name} did not answer within {timeout:g} s")
    return future.result()
