"""Background work: ids in, one domain function or flow called. The rules live there."""
