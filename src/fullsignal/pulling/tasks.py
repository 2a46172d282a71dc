"""What a configuration asks to be fetched, as things that can be run."""

from __future__ import annotations

from fullsignal.pulling.errands import Errands
from fullsignal.pulling.means import Means
from fullsignal.pulling.polling import Poller
from fullsignal.sources import FETCHES, POLLS


def pulls(means: Means) -> dict[str, Errands | Poller]:
    """By a name for the task. Raises ConfigError where a site's settings for it are not whole."""
    found: dict[str, Errands | Poller] = {}
    for site in means.config.sites.values():
        for name, source in FETCHES.items():
            if source.secrets(means.config, site):
                found[f"fetch {site.name}/{name}"] = Errands(site, source, means)
        for name, polled in POLLS.items():
            if polled.interval_seconds(means.config, site):
                found[f"poll {site.name}/{name}"] = Poller(site, polled, means)
    return found
