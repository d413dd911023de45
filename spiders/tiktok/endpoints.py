"""All endpoints of TikTok. To add one, add a row to the table of its topic, a parser and a fixture.

No signature is computed: pages and unsigned requests come first, then TikTok's own page in a browser.
"""

from spiders.tiktok.endpoints_app import APPS
from spiders.tiktok.endpoints_collections import GATHERED, PLAYLISTS
from spiders.tiktok.endpoints_comments import COMMENTS
from spiders.tiktok.endpoints_lists import LISTS
from spiders.tiktok.endpoints_live import LIVES
from spiders.tiktok.endpoints_people import PEOPLE
from spiders.tiktok.endpoints_search import SEARCHES
from spiders.tiktok.endpoints_subtitles import SUBTITLES
from spiders.tiktok.endpoints_users import USERS
from spiders.tiktok.endpoints_works import WORKS

ENDPOINTS = [*WORKS, *LISTS, *PLAYLISTS, *COMMENTS, *SUBTITLES, *USERS, *PEOPLE, *GATHERED, *SEARCHES, *LIVES, *APPS]
