"""Radiographs of no patient, AI-generated, that ship with the app."""
