"""All endpoints of Douyin. To add one, add a row to the table of its topic, a parser and a fixture.

No signature is computed: unsigned routes come first, then Douyin's own page in a browser.
"""

from spiders.douyin.endpoints_collections import COLLECTIONS
from spiders.douyin.endpoints_comments import COMMENTS
from spiders.douyin.endpoints_danmaku import DANMAKU
from spiders.douyin.endpoints_lists import LISTS
from spiders.douyin.endpoints_live import LIVES
from spiders.douyin.endpoints_search import SEARCHES
from spiders.douyin.endpoints_users import USERS
from spiders.douyin.endpoints_works import WORKS

VOLATILE = frozenset({"msToken", "a_bogus", "X-Bogus", "verifyFp", "fp"})

ENDPOINTS = [*WORKS, *LISTS, *COLLECTIONS, *COMMENTS, *DANMAKU, *USERS, *SEARCHES, *LIVES]
