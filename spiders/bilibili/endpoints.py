"""All endpoints of Bilibili. To add one, add a row to the table of its topic, a parser and a fixture."""

from spiders.bilibili.endpoints_boards import BOARDS
from spiders.bilibili.endpoints_collections import COLLECTIONS
from spiders.bilibili.endpoints_comments import COMMENTS
from spiders.bilibili.endpoints_common import DM_IMG
from spiders.bilibili.endpoints_live import LIVES
from spiders.bilibili.endpoints_texts import TEXTS
from spiders.bilibili.endpoints_users import USERS
from spiders.bilibili.endpoints_videos import VIDEOS

VOLATILE = frozenset({"wts", "w_rid", *DM_IMG})

ENDPOINTS = [*VIDEOS, *COMMENTS, *TEXTS, *USERS, *COLLECTIONS, *BOARDS, *LIVES]
