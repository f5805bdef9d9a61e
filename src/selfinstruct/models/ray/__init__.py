"""Models that run in this process, as replicas on a Ray cluster instead."""
