"""What a job notes on disk, so that it goes on where it was ended."""
