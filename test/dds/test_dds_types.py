# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Types that are made from texts are those of ROS."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rosbags", reason="the extra dds is not installed")

from skeleton_dml_ros.dds.types import (
    UnknownTypeError,
    UnreadableError,
    dds_name,
    from_bytes,
    make,
    store,
    to_bytes,
    type_hash,
)
from skeleton_dml_ros.node import interface

HASHES = {
    "builtin_interfaces/msg/Time": "b106235e25a4c5ed35098aa0a61a3ee9c9b18d197f398b0e4206cea9acf9c197",
    "diagnostic_msgs/msg/DiagnosticArray": "5a8a36efb05fb25070fa0fb3810290c0e6cd4862b54a8fb975a1ee8dc55a333e",
    "geometry_msgs/msg/TransformStamped": "0a241f87d04668d94099cbb5ba11691d5ad32c2f29682e4eb5653424bd275206",
    "rmw_dds_common/msg/ParticipantEntitiesInfo": "91a0593bacdcc50ea9bdcf849a938b128412cc1ea821245c663bcd26f83c295e",
    "rosgraph_msgs/msg/Clock": "692f7a66e93a3c83e71765d033b60349ba68023a8c689a79e48078bcb5c58564",
    "sensor_msgs/msg/Image": "d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47",
    "skeleton_dml_ros/msg/ActionRecognition": "dfe9497cb9ec5dce8c1cf78b2826a10f47447553580fe2cdc98432b643375731",
    "skeleton_dml_ros/msg/Candidate": "a1579db7a10c843ed81a905573c313c9ace1149cf6c679d56cf1b02764fd3bfb",
    "skeleton_dml_ros/msg/Reference": "1c90a8b4596498d0ecf5a9559dc7d77ebf3dcb6e5886404e643c718be518f402",
    "skeleton_dml_ros/msg/ReferenceArray": "1de0b39db88bbdbc6d61bd08ff7a8e3ae75ff1acb3a4b9eebcccd72e78adac01",
    "skeleton_dml_ros/msg/Skeleton": "530f78a992cab513c14d06c0f2adc426edccff35f8cbdb5b1aadb142a57186fa",
    "skeleton_dml_ros/msg/SkeletonArray": "fa875737de40498e44b076c680c6f5bab7560cbd81ccc83f160660729913b30a",
    "skeleton_dml_ros/srv/EnrollReference_Request": "ecfc313250f49eac2f9d7f70caa0f2fd9dc3f4544515385ba0965f184ad47974",
    "skeleton_dml_ros/srv/EnrollReference_Response": "0793bf93916719868f33c319b84a77d0fbb75743d6ec3e5b99489180f8e53663",
    "skeleton_dml_ros/srv/ExportReferences_Request": "c37c9b7704b081b70e1df7dab87d0e3371e51bf9c74c2610bda136b5dd07d744",
    "skeleton_dml_ros/srv/ExportReferences_Response": "dea70cb47955934d4dd8ae534507c20b3a4445807a22485da395b72f1b42feff",
    "skeleton_dml_ros/srv/ImportReferences_Request": "5671cacebda98b81e0d41689f063646b90e68557f839665baaed2a75b883aaf3",
    "skeleton_dml_ros/srv/ImportReferences_Response": "56ea3ba14b3b5fd963e588d66dbb918faa951265bea0324135ba0327fef3b760",
    "skeleton_dml_ros/srv/ListReferences_Request": "79a41007b32fff73205b235083abd733b8d02e2d91b6d85401d16d3bf0dae8d4",
    "skeleton_dml_ros/srv/ListReferences_Response": "17b9c90d52ebe16ef8d8757b3a32d7ff1316fb6428f1aa65e4473903d5b1f14d",
    "skeleton_dml_ros/srv/RemoveReference_Request": "cdb31ace16b3696077c97220594922cb64699dbde7d8964b1bc821902adfbe4c",
    "skeleton_dml_ros/srv/RemoveReference_Response": "953f56494c0e704abf68c92ca6de9a1d3110fc3a5c116a22263fe3a4f7694943",
    "skeleton_dml_ros/srv/RenameReference_Request": "623d774f1e5071f903d3ce7aa5c297867b405f96c57069bb2c530ff3b06f3a8c",
    "skeleton_dml_ros/srv/RenameReference_Response": "db2ce1d5e90bfba2da73db9b4cbb2b4b2d79f28ffbb4401676525cdc6990a56a",
    "std_msgs/msg/Header": "f49fb3ae2cf070f793645ff749683ac6b06203e41c891e17701b1cb597ce6a01",
    "std_msgs/msg/String": "df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18",
    "tf2_msgs/msg/TFMessage": "e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087",
    "visualization_msgs/msg/MarkerArray": "86cb8800b6fb05b5eff1abd7a56f62a5641d3ae9a1c29e78e67e704f1d067dcf",
}
"""As ROS 2 Jazzy's own tools compute them."""


@pytest.mark.parametrize("type_name", HASHES)
def test_hashes_are_those_of_ros(type_name: str) -> None:
    assert type_hash(type_name) == f"RIHS01_{HASHES[type_name]}"


def test_every_message_that_the_node_has_is_known() -> None:
    for topic in interface.TOPICS:
        assert type_hash(topic.type)
    for service in interface.SERVICES:
        for part in ("Request", "Response"):
            assert f"{service.type}_{part}" in HASHES
    for action in interface.ACTIONS:
        for part in ("Goal", "Result", "Feedback", "Request", "Response"):
            assert type_hash(f"{action.type}_{part}")


def test_every_type_goes_over_the_wire_and_comes_back() -> None:
    for type_name in store().fielddefs:
        content = to_bytes(make(type_name), type_name)
        assert to_bytes(from_bytes(content, type_name), type_name) == content


def test_what_is_left_out_has_the_defaults_of_ros() -> None:
    request = make("skeleton_dml_ros/srv/EnrollReference_Request", label="wave")
    assert (request.label, request.kind, request.clip_id) == ("wave", 0, "")
    assert (request.start.sec, request.start.nanosec) == (0, 0)
    assert len(request.recording) == 0
    turn = make("geometry_msgs/msg/TransformStamped").transform.rotation
    assert (turn.x, turn.y, turn.z, turn.w) == (0.0, 0.0, 0.0, 1.0)
    assert make("geometry_msgs/msg/PoseWithCovariance").covariance.tolist() == [0.0] * 36
    assert make("skeleton_dml_ros/msg/ActionRecognition").UNKNOWN == 1


@pytest.mark.parametrize("content", [b"abc", bytearray(b"abc"), array("B", b"abc"), [97, 98, 99]])
def test_numbers_come_as_bytes_arrays_and_lists(content: Any) -> None:
    name = "skeleton_dml_ros/srv/EnrollReference_Request"
    sent = from_bytes(to_bytes(make(name, recording=content), name), name)
    assert bytes(sent.recording) == b"abc"


def test_an_array_of_another_kind_of_number_fits() -> None:
    name = "skeleton_dml_ros/msg/Skeleton"
    sent = from_bytes(to_bytes(make(name, positions=np.arange(3.0)), name), name)
    assert sent.positions.dtype == np.float32
    assert sent.positions.tolist() == [0.0, 1.0, 2.0]


def test_a_wrong_field_is_a_fault() -> None:
    with pytest.raises(TypeError, match="lable"):
        make("skeleton_dml_ros/srv/EnrollReference_Request", lable="wave")


def test_types_of_other_packages_are_named() -> None:
    with pytest.raises(UnknownTypeError, match="zed_msgs/msg/ObjectsStamped"):
        make("zed_msgs/msg/ObjectsStamped")


@pytest.mark.parametrize(
    "content", [b"", b"\0\1\0\0", b"\0\7\0\0" + bytes(40), b"\0\1\0\0" + b"\xff" * 40]
)
def test_bytes_that_are_no_message_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableError, match="SkeletonArray"):
        from_bytes(content, "skeleton_dml_ros/msg/SkeletonArray")


def test_names_in_dds() -> None:
    assert dds_name("std_msgs/msg/Header") == "std_msgs::msg::dds_::Header_"
    assert dds_name("skeleton_dml_ros/srv/ListReferences_Request") == (
        "skeleton_dml_ros::srv::dds_::ListReferences_Request_"
    )
