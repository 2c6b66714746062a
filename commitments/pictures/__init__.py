"""Pictures as SVG and PNG. They lay out the facts they are given, without queries or rules of their
own."""
