# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Discovery without configuration on a machine whose only interface is a loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("cyclonedds", reason="the extra dds is not installed")
pytest.importorskip("rosbags", reason="the extra dds is not installed")

ALONE = ("unshare", "--net", "--map-root-user", "sh", "-c")
"""Runs a command in its own network namespace."""

SET = ("CYCLONEDDS_URI", "ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_LOCALHOST_ONLY", "ROS_STATIC_PEERS")

CLIENT_BESIDE_NODE = """
ip link set lo up
"$PYTHON" -m skeleton_dml_ros.cli node --set references="$STORE" --set fixed_frame= &
"$PYTHON" -c '
from skeleton_dml_ros.dds.endpoints import Participant
with Participant("beside") as participant:
    client = participant.client(
        "/recognition_node/list_references", "skeleton_dml_ros/srv/ListReferences"
    )
    print(client.call(client.make(), 60).message)
'
kill $!
wait $!
"""


def test_a_node_is_discovered_on_loopback_alone(tmp_path: Path) -> None:
    possible = shutil.which("unshare") and shutil.which("ip")
    if not possible or subprocess.run([*ALONE, "ip link set lo up"], check=False).returncode:
        pytest.skip("no network can be made here: unshare or ip is missing, or not allowed")
    environment = {name: value for name, value in os.environ.items() if name not in SET}
    environment |= {"PYTHON": sys.executable, "STORE": str(tmp_path / "references.db")}
    done = subprocess.run(
        [*ALONE, CLIENT_BESIDE_NODE],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.splitlines() == ["0 references, 0 labels"], done.stderr
    assert done.returncode == 0, done.stderr
