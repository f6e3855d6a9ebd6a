# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import re
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from acting import BOW, FRAME, KICK, SECOND, WAVE, script
from definitions import definition, make
from fakes import WAVING, NodeHarness, RecognizerHarness

from skeleton_dml_ros.datasets.archive import archive_of, write_archive
from skeleton_dml_ros.messages.make import time_message
from skeleton_dml_ros.node import interface
from skeleton_dml_ros.node.interface import Action, Service
from skeleton_dml_ros.node.parameters import general_parameters
from skeleton_dml_ros.node.service_handlers import ServiceHandlers
from skeleton_dml_ros.skeleton.layouts import NTU_25
from skeleton_dml_ros.skeleton.sequence import SkeletonSequence

MANY = script((None, 0.8), *[(KICK, 1.2), (None, 1)] * 12)


class ServiceClient:
    """Calls services and actions of a recogniser."""

    def __init__(self, recognizer_harness: RecognizerHarness) -> None:
        self.recognizer_harness = recognizer_harness
        self.active = True
        self._service_handlers = ServiceHandlers(
            make, recognizer_harness.now_ns, lambda: "it sleeps; wake it"
        )

    def ask(self, service: Service, **fields: Any) -> Any:
        request = make(f"{service.type}_Request", **fields)
        live = self.recognizer_harness.live if self.active else None
        answer = self._service_handlers.answer(live, service, request)
        assert answer._type == f"{service.type}_Response"
        assert "\n" not in answer.message
        return answer

    def execute(self, action: Action, cancelled: bool = False, **fields: Any) -> Any:
        """The result of an action; keeps its feedback."""
        self.feedback: list[Any] = []
        goal = make(f"{action.type}_Goal", **fields)
        live = self.recognizer_harness.live if self.active else None
        result = self._service_handlers.execute(
            live, action, goal, self.feedback.append, lambda: cancelled
        )
        assert result._type == f"{action.type}_Result"
        assert "\n" not in result.message
        return result

    def report_unknown(self, clip_id: str | None) -> None:
        self._service_handlers.note_unknown(clip_id)

    def refusal(self, service: Service, **fields: Any) -> str:
        """The message of a refused request, which must store nothing."""
        before = self.recognizer_harness.live.library.summaries()
        if isinstance(service, Action):
            answer = self.execute(service, **fields)
        else:
            answer = self.ask(service, **fields)
        assert not answer.success
        assert answer._given == {"success", "message"}
        assert self.recognizer_harness.live.library.summaries() == before
        return str(answer.message)

    def labels(self) -> list[str]:
        return [one.label for one in self.ask(interface.LIST).references.references]

    def clip_id(self, limb: str = WAVE) -> str:
        """The id of a new clip with this movement."""
        self.recognizer_harness.perform(script((None, 1), (limb, 1.2), (None, 0.8)))
        return self.recognizer_harness.play()[-1].clip_id


@pytest.fixture
def client(recognizer_harness: RecognizerHarness) -> ServiceClient:
    return ServiceClient(recognizer_harness)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[ServiceClient]:
    """Another robot."""
    recognizer_harness = RecognizerHarness(tmp_path / "other")
    yield ServiceClient(recognizer_harness)
    recognizer_harness.close()


def time_of(stamp_ns: int) -> Any:
    return time_message(make, stamp_ns)


def archive(folder: Path, clips: int = 1) -> bytes:
    """The content of a skeleton archive."""
    one = SkeletonSequence(WAVING[:, None], np.arange(len(WAVING)) * FRAME / SECOND, NTU_25)
    path = folder / "clips.npz"
    write_archive(path, archive_of([one] * clips, [0] * clips, ["wave"]))
    return path.read_bytes()


# All services.


@pytest.mark.parametrize("service", interface.SERVICES, ids=lambda service: service.name)
def test_an_inactive_node_says_why_it_refuses(client: ServiceClient, service: Service) -> None:
    client.active = False
    answer = client.ask(service)
    assert (answer.success, answer.message) == (False, "it sleeps; wake it")


@pytest.mark.parametrize("service", interface.SERVICES, ids=lambda service: service.name)
def test_an_internal_error_is_reported_in_one_line_and_logged(
    client: ServiceClient, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    handlers = ServiceHandlers(make, client.recognizer_harness.now_ns, str)
    answer = handlers.answer(object(), service, object())  # type: ignore[arg-type]  # none
    assert not answer.success
    assert answer.message.startswith("internal error, see the node's log: AttributeError")
    (record,) = caplog.records
    assert service.name in record.getMessage()
    assert record.exc_info


def test_successful_responses_fill_all_fields(client: ServiceClient, other: ServiceClient) -> None:
    clip_id = client.clip_id()
    answers = {
        interface.ENROLL: client.ask(interface.ENROLL, label="wave", clip_id=clip_id),
        interface.LIST: client.ask(interface.LIST),
        interface.RENAME: client.ask(interface.RENAME, label="wave", new_label="greet"),
        interface.EXPORT: client.ask(interface.EXPORT),
    }
    answers[interface.IMPORT] = other.ask(
        interface.IMPORT, content=answers[interface.EXPORT].content
    )
    answers[interface.REMOVE] = client.ask(interface.REMOVE, label="greet")
    assert set(answers) == set(interface.SERVICES)
    for service, answer in answers.items():
        assert answer.success, answer.message
        assert answer._given == set(definition(f"{service.type}_Response").fields)


# EnrollReference.


def test_a_clip_is_taught_by_its_id(client: ServiceClient) -> None:
    clip_id = client.clip_id()
    answer = client.ask(interface.ENROLL, label=" wave ", clip_id=clip_id)
    assert answer.success
    assert answer.reference.label == "wave"
    assert (answer.reference.kind, answer.reference.source) == (0, clip_id)
    assert 1 < answer.reference.duration < 1.7
    assert answer.reference.frames > 30
    assert answer.reference.visibility == 1
    assert answer.reference.created.sec > 1_700_000_000
    assert re.fullmatch(
        rf"taught 'wave' as {answer.reference.reference_id}: 1\.\d s, 100% of joints seen",
        answer.message,
    )


def test_a_movement_to_ignore_is_enrolled_with_its_kind(client: ServiceClient) -> None:
    answer = client.ask(interface.ENROLL, label="scratching", kind=1, clip_id=client.clip_id())
    assert answer.reference.kind == 1


@pytest.mark.parametrize("person", ["7", "camera/7"])
def test_a_person_is_taught_by_a_time_span(client: ServiceClient, person: str) -> None:
    client.clip_id(WAVE)
    client.clip_id(BOW)
    # Both movements take three seconds, from second 1000 on.
    first = client.ask(
        interface.ENROLL,
        label="wave",
        person_id=person,
        start=time_of(1000 * SECOND),
        end=time_of(1003 * SECOND),
    )
    assert first.success
    assert 1 < first.reference.duration < 1.7
    until_now = client.ask(
        interface.ENROLL, label="bow", person_id=person, start=time_of(1003 * SECOND)
    )
    assert until_now.success
    everything = client.ask(interface.ENROLL, label="either", person_id=person)
    assert everything.success
    assert client.labels() == ["wave", "bow", "either"]


@pytest.mark.parametrize("kind", [bytes, lambda content: array("B", content)])
def test_a_recording_may_be_bytes_or_an_array(
    client: ServiceClient, tmp_path: Path, kind: Any
) -> None:
    answer = client.ask(interface.ENROLL, label="wave", recording=kind(archive(tmp_path)))
    assert answer.success
    assert answer.reference.source == "recording"
    # Trimmed to the movement.
    assert 1 < answer.reference.duration < 1.7


def test_a_request_has_at_most_one_source(client: ServiceClient, tmp_path: Path) -> None:
    clip_id = client.clip_id()
    recording = archive(tmp_path)
    two = client.refusal(interface.ENROLL, label="wave", clip_id=clip_id, person_id="7")
    assert two.startswith("clip_id and person_id are filled; fill one of clip_id")
    three = client.refusal(
        interface.ENROLL, label="wave", clip_id=clip_id, person_id="7", recording=recording
    )
    assert three.startswith("clip_id and person_id and recording are filled")


def test_without_a_source_the_last_unknown_action_is_taught(client: ServiceClient) -> None:
    assert client.refusal(interface.ENROLL, label="bow") == (
        "no unknown action has been reported, or the last one was taught already; fill one of "
        "clip_id, person_id and recording"
    )
    client.report_unknown(client.clip_id(WAVE))
    bow = client.clip_id(BOW)
    client.report_unknown(bow)
    client.recognizer_harness.clock_ns += 2 * SECOND
    answer = client.ask(interface.ENROLL, label="bow")
    assert answer.reference.source == bow
    assert re.fullmatch(
        rf"taught 'bow' from {re.escape(bow)}, 2\.\d s ago, as {answer.reference.reference_id}: "
        r"1\.\d s, 100% of joints seen",
        answer.message,
    )


def test_a_second_request_without_a_source_does_not_teach_the_same_clip_again(
    client: ServiceClient,
) -> None:
    client.report_unknown(client.clip_id(BOW))
    assert client.ask(interface.ENROLL, label="bow").success
    assert "the last one was taught already" in client.refusal(interface.ENROLL, label="wave")


def test_an_unknown_action_that_is_no_longer_kept_is_refused_by_name(client: ServiceClient) -> None:
    client.report_unknown("camera/7/1")
    assert re.fullmatch(
        r"the last unknown action, camera/7/1, was reported 0\.\d s ago and is no longer kept; "
        "repeat the movement, or raise max_clips or max_clip_age",
        client.refusal(interface.ENROLL, label="bow"),
    )


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"clip_id": "camera/7/1"}, "no clip 'camera/7/1'; .*the latest is 'camera/7/"),
        ({"person_id": "8"}, "person '8' was not seen recently; seen: camera/7"),
        ({"clip_id": "latest", "kind": 2}, r"kind is 2; give 0 \(ACTION\) or 1 \(IGNORE\)"),
        ({"clip_id": "latest", "label": ""}, "label '' is empty; give the action's name"),
        ({"clip_id": "latest", "label": "a" * 101}, "label 'aaaa.* has 101 characters"),
        ({"clip_id": "latest", "label": "a\nb"}, "label .* contains U.000A"),
        ({"clip_id": "latest", "end": time_of(5)}, "start and end belong to person_id"),
        (
            {"person_id": "7", "start": time_of(9), "end": time_of(9)},
            "end is not after start; give a later end",
        ),
        ({"person_id": "7", "start": time_of(SECOND), "end": time_of(2 * SECOND)}, "not seen"),
        ({"recording": b"not an archive"}, "the recording begins with b'not an a'"),
        ({"recording": b"PK\x03\x04 and then nothing"}, "the recording is damaged"),
        ({"recording": b"1\n1\n1\n"}, "the recording"),
        ({"recording": bytes(16_000_001)}, "the recording has 16.0 MB; send at most 16 MB"),
    ],
)
def test_an_invalid_enrolment_is_refused_with_the_remedy(
    client: ServiceClient, fields: dict[str, Any], error: str
) -> None:
    latest = client.clip_id()
    if fields.get("clip_id") == "latest":
        fields = {**fields, "clip_id": latest}
    assert re.search(error, client.refusal(interface.ENROLL, **{"label": "wave", **fields}))


def test_a_recording_of_several_clips_is_refused(client: ServiceClient, tmp_path: Path) -> None:
    refusal = client.refusal(interface.ENROLL, label="wave", recording=archive(tmp_path, clips=2))
    assert refusal == "the recording is an archive of 2 clips; send one clip"


# ListReferences, RemoveReference, RenameReference.


def test_references_are_listed_in_order_of_creation(client: ServiceClient) -> None:
    empty = client.ask(interface.LIST)
    assert (empty.message, empty.references.references) == ("0 references, 0 labels", [])
    for label in ("wave", "bow", "wave"):
        client.recognizer_harness.teach(label, WAVE)
    answer = client.ask(interface.LIST)
    assert answer.message == "3 references, 2 labels"
    assert [one.label for one in answer.references.references] == ["wave", "bow", "wave"]
    assert answer.references.version == client.recognizer_harness.live.library.version
    assert answer.references.model == "limbs 0123456789ab"
    assert answer.references.threshold == 0.5
    assert answer.references.header.stamp.sec == 1_700_000_000


def test_one_reference_is_removed_or_all_with_a_label(client: ServiceClient) -> None:
    first, *_ = [
        client.recognizer_harness.teach(label, WAVE) for label in ("wave", "bow", "wave", "wave")
    ]
    one = client.ask(interface.REMOVE, reference_id=first.reference_id)
    assert one.message == "removed 1 reference of 'wave'"
    assert [reference.reference_id for reference in one.removed] == [first.reference_id]
    both = client.ask(interface.REMOVE, label="wave")
    assert both.message == "removed 2 references of 'wave'"
    assert client.labels() == ["bow"]


def test_one_reference_is_renamed_or_all_with_a_label(client: ServiceClient) -> None:
    first, *_ = [client.recognizer_harness.teach(label, WAVE) for label in ("wave", "bow", "wave")]
    one = client.ask(interface.RENAME, reference_id=first.reference_id, new_label="greet")
    assert one.message == "renamed 1 reference to 'greet'"
    assert [reference.label for reference in one.renamed] == ["greet"]
    assert client.labels() == ["greet", "bow", "wave"]
    assert client.ask(interface.RENAME, label="wave", new_label="bow").success
    assert client.labels() == ["greet", "bow", "bow"]


def test_a_damaged_recording_is_listed_and_can_be_forgotten(client: ServiceClient) -> None:
    for label in ("wave", "bow"):
        client.recognizer_harness.teach(label, WAVE)
    with closing(
        sqlite3.connect(client.recognizer_harness.store.path, isolation_level=None)
    ) as disk:
        disk.execute("UPDATE reference SET observed = x'00' WHERE label = 'wave'")
    assert client.labels() == ["wave", "bow"]
    assert client.ask(interface.REMOVE, label="wave").success
    assert client.labels() == ["bow"]


@pytest.mark.parametrize("service", [interface.REMOVE, interface.RENAME])
def test_exactly_one_of_reference_id_and_label_is_required(
    client: ServiceClient, service: Service
) -> None:
    reference = client.recognizer_harness.teach("wave", WAVE)
    new = {"new_label": "greet"} if service is interface.RENAME else {}
    exactly_one = "fill exactly one of reference_id and label"
    assert client.refusal(service, **new) == exactly_one
    both = {"reference_id": reference.reference_id, "label": "wave"}
    assert client.refusal(service, **both, **new) == exactly_one
    assert client.refusal(service, label="bow", **new) == (
        "no reference has the label 'bow'; the enrolled labels are wave"
    )
    assert "no reference has the reference id" in client.refusal(service, reference_id="0", **new)


def test_an_empty_label_renames_nothing(client: ServiceClient) -> None:
    client.recognizer_harness.teach("wave", WAVE)
    assert "is empty; give the action's name" in client.refusal(interface.RENAME, label="wave")


# ExportReferences, ImportReferences.


def test_exported_references_are_recognised_by_another_robot(
    client: ServiceClient, other: ServiceClient
) -> None:
    client.recognizer_harness.teach("wave", WAVE)
    client.recognizer_harness.teach("bow", BOW)
    other.recognizer_harness.teach("kick", KICK)
    content = client.ask(interface.EXPORT).content
    answer = other.ask(interface.IMPORT, content=content)
    assert answer.message == "added 2 references, 0 already here"
    assert [one.label for one in answer.added] == ["wave", "bow"]
    assert other.labels() == ["kick", "wave", "bow"]
    other.recognizer_harness.perform(WAVING)
    assert other.recognizer_harness.play()[-1].label == "wave"
    again = other.ask(interface.IMPORT, content=content)
    assert (again.success, again.already_here, again.added) == (True, 2, [])


def test_one_exported_label_replaces_all_references(
    client: ServiceClient, other: ServiceClient
) -> None:
    client.recognizer_harness.teach("wave", WAVE)
    client.recognizer_harness.teach("bow", BOW)
    other.recognizer_harness.teach("kick", KICK)
    content = client.ask(interface.EXPORT, labels=["bow"]).content
    assert other.ask(interface.IMPORT, content=content, replace=True).success
    assert other.labels() == ["bow"]
    assert client.refusal(interface.EXPORT, labels=["kick"]) == "no reference has the label 'kick'"


def test_a_node_that_shares_no_references_neither_exports_nor_imports(
    node_harness: NodeHarness,
) -> None:
    node_harness.teach()
    content = node_harness.ask(interface.EXPORT).content
    node_harness.activate({"share_references": False})
    for service, fields in ((interface.EXPORT, {}), (interface.IMPORT, {"content": content})):
        answer = node_harness.ask(service, **fields)
        assert not answer.success
        assert answer._given == {"success", "message"}
        assert "its parameter share_references is false" in answer.message
    assert node_harness.ask(interface.LIST).success
    assert next(one for one in general_parameters() if one.name == "share_references").read_only


def test_an_empty_export_can_be_imported(client: ServiceClient, other: ServiceClient) -> None:
    content = client.ask(interface.EXPORT).content
    assert other.ask(interface.IMPORT, content=content).message == (
        "added 0 references, 0 already here"
    )


def test_an_invalid_import_changes_nothing(client: ServiceClient, other: ServiceClient) -> None:
    client.recognizer_harness.teach("wave", WAVE)
    other.recognizer_harness.teach("kick", KICK)
    content = client.ask(interface.EXPORT).content
    damaged = bytearray(content)
    damaged[-1] ^= 1
    random = np.random.default_rng(0).bytes(1000)
    for odd in (b"", b"nonsense", content[:-1], bytes(damaged), random, b"\xff" * 64):
        refusal = other.refusal(interface.IMPORT, content=odd, replace=True)
        assert "export" in refusal
        assert "internal error" not in refusal


def test_references_with_unrepresentable_times_are_listed(
    client: ServiceClient, other: ServiceClient
) -> None:
    for created_ns in (2**63 - 1, -1):
        client.recognizer_harness.live.library.enroll(
            SkeletonSequence(WAVING[:, None], np.arange(len(WAVING)) / 30, NTU_25),
            "wave",
            created_ns=created_ns,
        )
    answer = other.ask(interface.IMPORT, content=client.ask(interface.EXPORT).content)
    assert [one.created.sec for one in answer.added] == [2**31 - 1, 0]
    assert len(other.ask(interface.LIST).references.references) == 2


# CalibrateThreshold.


def test_the_threshold_is_fitted_to_the_background(client: ServiceClient) -> None:
    client.recognizer_harness.teach("wave", WAVE)
    client.recognizer_harness.perform(MANY)
    answer = client.execute(interface.CALIBRATE, seconds=26.0, false_accept_rate=0.1)
    assert answer.success
    assert answer.clips in (11, 12)
    assert answer.measured_rate <= 0.1
    assert answer.threshold == client.recognizer_harness.live.library.threshold
    assert answer.message == (
        f"threshold {answer.threshold:.2f} accepts {answer.measured_rate:.1%} of "
        f"{answer.clips} background movements"
    )


def test_calibration_gives_feedback(client: ServiceClient) -> None:
    client.recognizer_harness.teach("wave", WAVE)
    client.recognizer_harness.perform(MANY)
    assert client.execute(interface.CALIBRATE, seconds=26.0, false_accept_rate=0.1).success
    fields = set(definition(f"{interface.CALIBRATE.type}_Feedback").fields)
    assert all(one._given == fields for one in client.feedback)
    movements = [one.movements for one in client.feedback]
    assert movements[0] == 0
    assert movements[-1] in (11, 12)
    assert movements == sorted(movements)
    left = [one.seconds_left for one in client.feedback]
    assert 25.8 < left[0] <= 26
    assert 0 < left[-1] < 1.1
    assert max(-np.diff(left)) < 1.2


def test_a_cancelled_calibration_stores_nothing(client: ServiceClient) -> None:
    client.recognizer_harness.teach("wave", WAVE)
    client.recognizer_harness.perform(MANY)
    result = client.execute(
        interface.CALIBRATE, cancelled=True, seconds=26.0, false_accept_rate=0.1
    )
    assert (result.success, result.message) == (False, "cancelled; the threshold stays as it was")
    assert client.recognizer_harness.live.library.calibration is None
    assert client.execute(interface.CALIBRATE, seconds=26.0, false_accept_rate=0.1).success


def test_the_parameter_that_overrides_the_new_threshold_is_named(client: ServiceClient) -> None:
    client.recognizer_harness.teach("wave", WAVE)
    client.recognizer_harness.live.library.override_threshold = 0.75
    client.recognizer_harness.perform(MANY)
    answer = client.execute(interface.CALIBRATE, seconds=26.0, false_accept_rate=0.1)
    assert answer.message.endswith(
        "; it is stored, but the parameter threshold (0.75) is in force: set it to .nan"
    )


def test_an_unusable_background_is_refused(client: ServiceClient) -> None:
    assert "there are no references to calibrate against" in client.refusal(
        interface.CALIBRATE, seconds=3.0, false_accept_rate=0.1
    )
    client.recognizer_harness.teach("wave", WAVE)
    assert client.refusal(interface.CALIBRATE).startswith("seconds is 0; give more than 0")
    # As a float32, 0.01 is slightly smaller; this must not require an additional movement.
    rate = float(np.float32(0.01))
    assert "of the 100 movements that a false-accept rate of 0.01 needs" in client.refusal(
        interface.CALIBRATE, seconds=1.0, false_accept_rate=rate
    )


@pytest.mark.parametrize("action", interface.ACTIONS, ids=lambda action: action.name)
def test_an_action_of_an_inactive_node_says_how_to_activate_it(
    client: ServiceClient, action: Action
) -> None:
    client.active = False
    result = client.execute(action)
    assert not result.success
    assert result.message == "it sleeps; wake it"
