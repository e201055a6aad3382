"""Real engines that tests start themselves, assembled from a package registry, cached outside the repository."""
