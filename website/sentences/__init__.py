"""The numbers of the pages' sentences, by subject."""
