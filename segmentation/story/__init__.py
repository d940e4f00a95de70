"""Names, insights and recommendations of segments, told from their profiles."""

from segmentation.story.archetypes import Archetypes, load_archetypes
from segmentation.story.columns import with_stories
from segmentation.story.tell import Known, Story, tell

__all__ = ["Archetypes", "Known", "Story", "load_archetypes", "tell", "with_stories"]
