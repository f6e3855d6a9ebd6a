"""What the robot has been taught: store, search and the open-set decision."""
