"""Tests of registration's pages."""
