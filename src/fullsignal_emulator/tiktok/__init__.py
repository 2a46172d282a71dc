"""TikTok's side of the Events API 2.0 and of the pixel, as far as public sources describe it."""
