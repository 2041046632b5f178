"""The screen: one script a page, and ui/ with what they draw."""
