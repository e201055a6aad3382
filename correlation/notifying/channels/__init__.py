"""Where messages go, one file each; `registry` lists them."""
