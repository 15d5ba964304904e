"""Brings the built site to where readers find it, and keeps it there."""
