"""What fullsignal fetches by itself: orders that a webhook only names, orders of shops without webhooks, and
what a signature is checked with.
"""
