"""Real engines that tests start themselves, assembled from package registries, kept in a cache outside the repository."""
