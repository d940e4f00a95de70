"""Names, insights and recommendations of segments, told from their profiles."""

from segmentation.story.archetypes import Archetypes, load_archetypes
from segmentation.story.columns import with_stories
from segmentation.story.tell import Story, StoryContext, tell

__all__ = ["Archetypes", "Story", "StoryContext", "load_archetypes", "tell", "with_stories"]
