"""The plan's indicators for any day: computed where the registers know, reported with evidence otherwise."""
