# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""HTML report on a model: figures, curves, confusions and failures on one page."""
