"""Base of pipelines that want one envelope at a time."""

from abc import ABC, abstractmethod

from scrapy.exceptions import DropItem

from scraper.output.envelope import Batch, Envelope


class EnvelopePipeline(ABC):
    """Sees each envelope of a page. It may change it, return another, or raise `DropItem` to leave that one out."""

    def process_item(self, item: Batch) -> Batch:
        kept = []
        for envelope in item:
            try:
                kept.append(self.process_envelope(envelope))
            except DropItem:
                continue
        if not kept:
            raise DropItem("every envelope of the page was dropped")
        return Batch(kept)

    @abstractmethod
    def process_envelope(self, envelope: Envelope) -> Envelope:
        """Return the envelope that goes on."""
