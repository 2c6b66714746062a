"""Pictures as SVG and PNG: the layout of plain facts, without a query or a rule of its own."""
