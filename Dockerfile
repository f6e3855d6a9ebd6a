# The node in a container; docs/building.md tells how to build and run it.
ARG ROS_DISTRO=jazzy
FROM ros:${ROS_DISTRO}-ros-base

# The image of ROS sets ROS_DISTRO in the environment from here on.
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /ws

# What package.xml asks for; MESSAGES adds a camera's, such as ros-jazzy-zed-msgs.
ARG MESSAGES=""
COPY package.xml src/skeleton_dml_ros/
RUN apt-get update \
    && rosdep update --rosdistro "$ROS_DISTRO" \
    && rosdep install --from-paths src --ignore-src --rosdistro "$ROS_DISTRO" -y \
        -t buildtool -t build -t exec \
    && apt-get install -y --no-install-recommends python3-venv $MESSAGES \
    && rm -rf /var/lib/apt/lists/*

# What it does not.  numpy stays at the major version that rclpy's messages were compiled for.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV VIRTUAL_ENV=/opt/venv
ENV PATH="$VIRTUAL_ENV/bin:$PATH"
RUN python3 -m venv --system-site-packages "$VIRTUAL_ENV" \
    && python -c "import numpy; print('numpy<%d' % (int(numpy.__version__.split('.')[0]) + 1))" \
        > /tmp/numpy.txt \
    && pip install --no-cache-dir -c /tmp/numpy.txt --index-url "$TORCH_INDEX" torch torchvision \
    && pip install --no-cache-dir -c /tmp/numpy.txt faiss-cpu safetensors "setuptools<80"

COPY . src/skeleton_dml_ros/
RUN source "/opt/ros/$ROS_DISTRO/setup.bash" \
    && python -m colcon build --cmake-args -DBUILD_TESTING=OFF

ENTRYPOINT ["/bin/bash", "-c", "source /ws/install/setup.bash && exec \"$@\"", "--"]
CMD ["ros2", "launch", "skeleton_dml_ros", "demo.launch.py"]
