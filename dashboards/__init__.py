"""What people look at: the words in every language and the live board."""
