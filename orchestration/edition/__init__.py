"""The edition: the yearly strategic assessment, from the published warehouse to frozen files."""
