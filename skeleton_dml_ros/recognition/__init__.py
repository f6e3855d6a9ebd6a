# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From a stream of skeletons to recognitions: tracks, segmentation, decision."""
