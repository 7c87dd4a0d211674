"""The commands of `vernissage`, one module a command or family."""
