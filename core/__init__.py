"""Everything the product knows how to do, without a screen: pages and the command line call it."""
