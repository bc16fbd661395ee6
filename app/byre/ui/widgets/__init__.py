"""Small widgets that the pages are made of: labels, buttons, fields, cards."""
