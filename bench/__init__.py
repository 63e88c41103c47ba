"""How fast the whole product is, on this machine, next to what this machine could do at all."""
