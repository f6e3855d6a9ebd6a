# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recognise actions in a stream of skeletons: tracks, segmentation, decision."""
