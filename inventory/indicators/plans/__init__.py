"""Plans of the city, one YAML file each."""
