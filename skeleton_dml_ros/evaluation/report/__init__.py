# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One page that shows what a model does: figures, curves, confusions, and its failures."""
