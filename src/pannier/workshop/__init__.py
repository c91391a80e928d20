"""The workshop: the chapter's exercises on a server of one's own, set up, checked, cleaned up."""
