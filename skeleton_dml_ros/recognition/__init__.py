"""From a stream of skeletons to recognitions: tracks, segmentation, decision."""
