# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Enrolled references: store, nearest-neighbour search and the open-set decision."""
