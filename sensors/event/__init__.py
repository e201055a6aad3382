"""The event: ECS in columnar batches, its identity, its times and its form on disk."""
