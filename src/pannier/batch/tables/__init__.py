"""Jobs on whole tables: copies, differences, updates and deletes by condition."""
