"""What people and systems say, by the API and by forms: its shapes (`bodies`), and what they mean (`reading`)."""
