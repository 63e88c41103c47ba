"""Stories of buyers in a real browser, against the whole running product."""
