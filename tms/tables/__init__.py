"""Tables for papers: questions over a grid, their answers as rows, columns by name, formats."""
