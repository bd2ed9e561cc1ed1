"""Workflows of agent frameworks with a stubbed model: one module for each framework, named as its preset."""
