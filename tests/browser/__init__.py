"""Tests in Chromium: a package, so that its fixtures end with it, and with them the event loop of Playwright."""
