"""What browsers send, made into what the domain understands."""
