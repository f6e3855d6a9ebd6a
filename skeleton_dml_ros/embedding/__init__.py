# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From clips to unit vectors: the network, the model folder, the inference engines."""
