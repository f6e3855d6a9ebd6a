# Copyright 2026 The skeleton_dml_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Ask a service from a thread that is not the executor's, and wait for its answer."""

from __future__ import annotations

import threading
from typing import Any

from rclpy.client import Client

from skeleton_dml_ros.node.asking import NoAnswerError


def ask(client: Client, request: Any, timeout: float = 30.0) -> Any:
    """The response to a request.

    The executor has to spin in another thread, since it is what brings the answer.

    Args:
        client: of the service.
        request: of its type.
        timeout: seconds.

    Raises:
        NoAnswerError: nobody answered in time.
    """
    if not client.wait_for_service(timeout_sec=timeout):
        raise NoAnswerError(f"there is no service {client.srv_name}; start the node that offers it")
    answered = threading.Event()
    future = client.call_async(request)
    future.add_done_callback(lambda _: answered.set())
    if not answered.wait(timeout):
        client.remove_pending_request(future)
        raise NoAnswerError(f"{client.srv_name} did not answer within {timeout:g} s")
    return future.result()
