"""A made-up city of real size: nothing in it exists, and all of it says so."""
