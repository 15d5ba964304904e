"""Copies of pictures: made by a process of their own, kept in a folder beside the store, brought into the site."""
