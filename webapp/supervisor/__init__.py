"""One command that runs everything: servers, web, workers and scheduler, and all of them end."""
