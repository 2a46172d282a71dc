"""Stand-ins for ad platforms that say no where the real ones do. TikTok is the first."""

from .server import Emulator, InThread, NotLoopbackError, serve, start, start_in_thread
from .tiktok.platform import Limits

__all__ = ["Emulator", "InThread", "Limits", "NotLoopbackError", "serve", "start", "start_in_thread"]
