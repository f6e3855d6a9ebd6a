# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Call a service synchronously from a thread other than the executor's."""

from __future__ import annotations

import threading
from typing import Any

from rclpy.client import Client

from skeleton_dml_ros.node.interface import ServiceTimeoutError


def ask(client: Client, request: Any, timeout: float = 30.0) -> Any:
    """Call a service and return its response; the executor must spin in another thread.

    Args:
        client: client of the service.
        request: request message.
        timeout: seconds.

    Raises:
        ServiceTimeoutError: the service is unavailable or did not respond in time.
    """
    if not client.wait_for_service(timeout_sec=timeout):
        raise ServiceTimeoutError(f"service {client.srv_name} is unavailable; start its node")
    answered = threading.Event()
    future = client.call_async(request)
    future.add_done_callback(lambda _: answered.set())
    if not answered.wait(timeout):
        client.remove_pending_request(future)
        raise ServiceTimeoutError(f"{client.srv_name} did not answer within {timeout:g} s")
    return future.result()
