"""Programs of exercise 4, as readers get them; nothing here is imported by Pannier itself."""
