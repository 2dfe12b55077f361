"""The measures once more, from the extract files and the register's words, with none of the product."""
