"""What writes the generated parts of pages from results, and what builds the site with MkDocs."""
