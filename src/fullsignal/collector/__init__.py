"""HTTP: events from browsers and servers, signed webhooks, health. Thin; every decision is intake's."""
