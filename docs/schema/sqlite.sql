CREATE TABLE ledger_drift (
	run_id TEXT NOT NULL,
	router TEXT NOT NULL,
	surface TEXT NOT NULL,
	logged_in BOOLEAN NOT NULL,
	records TEXT NOT NULL,
	counts TEXT NOT NULL,
	PRIMARY KEY (run_id, router, surface, logged_in, records)
)
 WITHOUT ROWID;
CREATE INDEX ledger_drift_router ON ledger_drift (router, surface, logged_in, records, run_id);
CREATE TABLE ledger_drift_report (
	id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	report TEXT NOT NULL,
	accepted INTEGER NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (run_id)
);
CREATE TABLE ledger_job (
	run_id TEXT NOT NULL,
	state TEXT NOT NULL,
	error TEXT,
	PRIMARY KEY (run_id)
)
 WITHOUT ROWID;
CREATE INDEX ledger_job_state ON ledger_job (state);
CREATE TABLE ledger_list (
	run_id TEXT NOT NULL,
	walk BLOB NOT NULL,
	state BLOB NOT NULL,
	PRIMARY KEY (run_id, walk)
)
 WITHOUT ROWID;
CREATE TABLE ledger_lookup (
	run_id TEXT NOT NULL,
	source TEXT NOT NULL,
	hints TEXT NOT NULL,
	PRIMARY KEY (run_id, source)
)
 WITHOUT ROWID;
CREATE TABLE ledger_mark (
	id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	numbers BLOB NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ledger_mark_run ON ledger_mark (run_id);
CREATE TABLE ledger_media (
	id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	"plan" BLOB NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ledger_media_run ON ledger_media (run_id);
CREATE TABLE ledger_media_post (
	run_id TEXT NOT NULL,
	video_id TEXT NOT NULL,
	post BLOB NOT NULL,
	PRIMARY KEY (run_id, video_id)
)
 WITHOUT ROWID;
CREATE TABLE ledger_page (
	id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	walk BLOB NOT NULL,
	cursor TEXT NOT NULL,
	keys BLOB NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ledger_page_walk ON ledger_page (run_id, walk);
CREATE TABLE ledger_request (
	run_id TEXT NOT NULL,
	number BIGINT NOT NULL,
	purpose TEXT NOT NULL,
	job BLOB NOT NULL,
	unanswered INTEGER NOT NULL,
	failure BLOB,
	PRIMARY KEY (run_id, number)
)
 WITHOUT ROWID;
CREATE TABLE ledger_shared (
	id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	walk BLOB NOT NULL,
	input TEXT NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ledger_shared_run ON ledger_shared (run_id);
CREATE TABLE ledger_vocabulary (
	router TEXT NOT NULL,
	source TEXT NOT NULL,
	logged_in BOOLEAN NOT NULL,
	keys TEXT NOT NULL,
	PRIMARY KEY (router, source, logged_in)
);
CREATE TABLE media_file (
	"key" TEXT NOT NULL,
	post TEXT NOT NULL,
	run_id TEXT NOT NULL,
	store TEXT NOT NULL,
	path TEXT,
	size BIGINT,
	sha256 TEXT,
	source TEXT,
	mime TEXT,
	duration_ms BIGINT,
	"plan" BLOB,
	PRIMARY KEY ("key", store)
)
 WITHOUT ROWID;
CREATE INDEX media_file_source ON media_file (source);
CREATE TABLE run (
	run_id TEXT NOT NULL,
	spider TEXT NOT NULL,
	arguments TEXT NOT NULL,
	settings TEXT NOT NULL,
	folder TEXT NOT NULL,
	input TEXT,
	feeds TEXT NOT NULL,
	code_version TEXT NOT NULL,
	started_time BIGINT NOT NULL,
	ended_time BIGINT,
	state TEXT NOT NULL,
	stopped TEXT,
	exit_code INTEGER,
	report TEXT,
	retry_of TEXT,
	progress TEXT NOT NULL,
	PRIMARY KEY (run_id)
);
CREATE TABLE seen_item (
	list BIGINT NOT NULL,
	item BIGINT NOT NULL,
	"key" TEXT,
	time BIGINT,
	state INTEGER NOT NULL,
	content BIGINT NOT NULL,
	PRIMARY KEY (list, item)
)
 WITHOUT ROWID;
CREATE TABLE watched_list (
	list BIGINT NOT NULL,
	router TEXT NOT NULL,
	target TEXT NOT NULL,
	parts BLOB,
	completed_time BIGINT,
	run_id TEXT,
	expires BIGINT NOT NULL,
	PRIMARY KEY (list)
)
 WITHOUT ROWID;
CREATE TABLE failure (
	id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	router TEXT NOT NULL,
	input TEXT NOT NULL,
	target TEXT,
	title TEXT,
	code INTEGER NOT NULL,
	name TEXT NOT NULL,
	message TEXT NOT NULL,
	arguments TEXT,
	job BLOB,
	number BIGINT,
	PRIMARY KEY (id),
	FOREIGN KEY(run_id) REFERENCES run (run_id)
);
CREATE INDEX failure_run ON failure (run_id);
CREATE TABLE list_run (
	id INTEGER NOT NULL,
	run_id TEXT NOT NULL,
	router TEXT NOT NULL,
	target TEXT NOT NULL,
	declared BIGINT,
	declared_by_record BIGINT,
	collected BIGINT NOT NULL,
	pages INTEGER NOT NULL,
	gaps INTEGER NOT NULL,
	undelivered BIGINT,
	stopped TEXT NOT NULL,
	cursor TEXT,
	arguments TEXT,
	PRIMARY KEY (id),
	FOREIGN KEY(run_id) REFERENCES run (run_id)
);
CREATE INDEX list_run_run ON list_run (run_id);
CREATE VIEW "v_run" AS SELECT *, datetime("started_time", 'unixepoch') AS "started_date", datetime("ended_time", 'unixepoch') AS "ended_date" FROM "run";
CREATE TABLE author (
	uid TEXT,
	sec_uid TEXT,
	unique_id TEXT,
	short_id TEXT,
	nickname TEXT,
	signature TEXT,
	url TEXT,
	avatar_url TEXT,
	banner_url TEXT,
	verified BOOLEAN,
	verified_type TEXT,
	verified_text TEXT,
	private BOOLEAN,
	banned BOOLEAN,
	commerce BOOLEAN,
	gender TEXT,
	birthday TEXT,
	school TEXT,
	country TEXT,
	province TEXT,
	city TEXT,
	district TEXT,
	ip_location TEXT,
	language TEXT,
	level BIGINT,
	membership TEXT,
	register_time BIGINT,
	handle_change_time BIGINT,
	name_change_time BIGINT,
	statistics_follower_count BIGINT,
	statistics_following_count BIGINT,
	statistics_friend_count BIGINT,
	statistics_total_favorited BIGINT,
	statistics_favoriting_count BIGINT,
	statistics_video_count BIGINT,
	statistics_mix_count BIGINT,
	statistics_article_count BIGINT,
	statistics_audio_count BIGINT,
	statistics_play_total BIGINT,
	statistics_article_view_total BIGINT,
	likes_public BOOLEAN,
	following_public BOOLEAN,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	live_room_id TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX author_sec_uid ON author (sec_uid);
CREATE INDEX author_uid ON author (uid);
CREATE TABLE comment (
	comment_id TEXT,
	video_id TEXT,
	area_type TEXT,
	area_id TEXT,
	root_id TEXT,
	parent_id TEXT,
	depth BIGINT,
	text TEXT,
	lang TEXT,
	create_time BIGINT,
	digg_count BIGINT,
	reply_count BIGINT,
	author_level BIGINT,
	ip_location TEXT,
	liked_by_author BOOLEAN,
	replied_by_author BOOLEAN,
	pinned BOOLEAN,
	hot BOOLEAN,
	folded BOOLEAN,
	sticker TEXT,
	floor BIGINT,
	state TEXT,
	sort TEXT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	author_uid TEXT,
	author_sec_uid TEXT,
	author_unique_id TEXT,
	author_nickname TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX comment_author_sec_uid ON comment (author_sec_uid);
CREATE INDEX comment_author_uid ON comment (author_uid);
CREATE INDEX comment_create_time ON comment (create_time);
CREATE INDEX comment_parent_id ON comment (parent_id);
CREATE INDEX comment_video_id ON comment (video_id);
CREATE TABLE danmaku (
	danmaku_id TEXT,
	video_id TEXT,
	part_cid TEXT,
	segment BIGINT,
	at_ms BIGINT,
	text TEXT,
	create_time BIGINT,
	mode BIGINT,
	font_size BIGINT,
	color BIGINT,
	pool BIGINT,
	weight BIGINT,
	attr BIGINT,
	sender_hash TEXT,
	likes BIGINT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX danmaku_create_time ON danmaku (create_time);
CREATE INDEX danmaku_part_cid ON danmaku (part_cid);
CREATE INDEX danmaku_video_id ON danmaku (video_id);
CREATE TABLE edge (
	src_key TEXT,
	dst_key TEXT,
	edge_kind TEXT,
	evidence_time BIGINT,
	evidence_key TEXT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX edge_dst_key ON edge (dst_key);
CREATE INDEX edge_src_key ON edge (src_key);
CREATE TABLE event (
	event_kind TEXT,
	item_key TEXT,
	item_time BIGINT,
	listing TEXT,
	"query" TEXT,
	field TEXT,
	"before" TEXT,
	"after" TEXT,
	seen_time BIGINT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX event_item_key ON event (item_key);
CREATE TABLE hashtag (
	hashtag_id TEXT,
	name TEXT,
	text TEXT,
	url TEXT,
	cover_url TEXT,
	commerce BOOLEAN,
	raw_kind TEXT,
	view_count BIGINT,
	video_count BIGINT,
	user_count BIGINT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE hot_word (
	board TEXT,
	position BIGINT,
	word TEXT,
	heat BIGINT,
	label TEXT,
	view_count BIGINT,
	video_count BIGINT,
	event_time BIGINT,
	cover_url TEXT,
	sentence_id TEXT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE id (
	input TEXT,
	value TEXT,
	id_kind TEXT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE listing (
	listing TEXT,
	list_kind TEXT,
	"query" TEXT,
	sort TEXT,
	count BIGINT,
	declared_total BIGINT,
	seen_time BIGINT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE live_area (
	area_id TEXT,
	name TEXT,
	parent_id TEXT,
	parent_name TEXT,
	cover_url TEXT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX live_area_parent_id ON live_area (parent_id);
CREATE TABLE live_rank (
	room_id TEXT,
	position BIGINT,
	score BIGINT,
	fan_level BIGINT,
	hidden BOOLEAN,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	author_uid TEXT,
	author_sec_uid TEXT,
	author_unique_id TEXT,
	author_nickname TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX live_rank_author_sec_uid ON live_rank (author_sec_uid);
CREATE INDEX live_rank_author_uid ON live_rank (author_uid);
CREATE INDEX live_rank_room_id ON live_rank (room_id);
CREATE TABLE live_room (
	room_id TEXT,
	alias TEXT,
	title TEXT,
	text TEXT,
	url TEXT,
	cover_url TEXT,
	status TEXT,
	start_time BIGINT,
	end_time BIGINT,
	viewers BIGINT,
	viewers_total BIGINT,
	likes BIGINT,
	portrait BOOLEAN,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	owner_uid TEXT,
	owner_sec_uid TEXT,
	owner_unique_id TEXT,
	owner_nickname TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX live_room_room_id ON live_room (room_id);
CREATE TABLE media (
	media_id TEXT,
	video_id TEXT,
	video_key TEXT,
	part_cid TEXT,
	role TEXT,
	rank BIGINT,
	media_status TEXT,
	path TEXT,
	url TEXT,
	size BIGINT,
	sha256 TEXT,
	mime TEXT,
	duration_ms BIGINT,
	attempts BIGINT,
	error TEXT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX media_part_cid ON media (part_cid);
CREATE INDEX media_video_id ON media (video_id);
CREATE TABLE mix (
	mix_id TEXT,
	mix_kind TEXT,
	title TEXT,
	text TEXT,
	url TEXT,
	cover_url TEXT,
	item_count BIGINT,
	statistics_play_count BIGINT,
	statistics_digg_count BIGINT,
	statistics_collect_count BIGINT,
	statistics_share_count BIGINT,
	statistics_comment_count BIGINT,
	statistics_danmaku_count BIGINT,
	create_time BIGINT,
	update_time BIGINT,
	private BOOLEAN,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	owner_uid TEXT,
	owner_sec_uid TEXT,
	owner_unique_id TEXT,
	owner_nickname TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX mix_create_time ON mix (create_time);
CREATE INDEX mix_mix_id ON mix (mix_id);
CREATE TABLE music (
	music_id TEXT,
	title TEXT,
	author_name TEXT,
	album TEXT,
	url TEXT,
	duration_ms BIGINT,
	original BOOLEAN,
	commerce BOOLEAN,
	private BOOLEAN,
	play_url TEXT,
	cover_url TEXT,
	lyric_url TEXT,
	beat_url TEXT,
	video_count BIGINT,
	state TEXT,
	author_deleted BOOLEAN,
	downloadable BOOLEAN,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	matched_id TEXT,
	owner_uid TEXT,
	owner_sec_uid TEXT,
	owner_unique_id TEXT,
	owner_nickname TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE part (
	cid TEXT,
	video_id TEXT,
	no BIGINT,
	title TEXT,
	duration_ms BIGINT,
	width BIGINT,
	height BIGINT,
	cover_url TEXT,
	create_time BIGINT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX part_create_time ON part (create_time);
CREATE INDEX part_video_id ON part (video_id);
CREATE TABLE placement (
	listing TEXT,
	list_kind TEXT,
	"query" TEXT,
	sort TEXT,
	item_key TEXT,
	promoted BOOLEAN,
	seen_time BIGINT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX placement_item_key ON placement (item_key);
CREATE TABLE product (
	product_id TEXT,
	promotion_id TEXT,
	room_id TEXT,
	title TEXT,
	url TEXT,
	cover_url TEXT,
	currency TEXT,
	price_min BIGINT,
	price_max BIGINT,
	stock BIGINT,
	in_stock BOOLEAN,
	shop_id TEXT,
	shop_name TEXT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX product_room_id ON product (room_id);
CREATE TABLE snapshot (
	"key" TEXT NOT NULL,
	time BIGINT NOT NULL,
	run_id TEXT,
	counts TEXT NOT NULL,
	PRIMARY KEY ("key", time)
)
 WITHOUT ROWID;
CREATE TABLE stream_set (
	cid TEXT,
	video_id TEXT,
	no BIGINT,
	duration_ms BIGINT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX stream_set_video_id ON stream_set (video_id);
CREATE TABLE subtitle (
	subtitle_id TEXT,
	video_id TEXT,
	part_cid TEXT,
	lang TEXT,
	lang_name TEXT,
	source TEXT,
	format TEXT,
	url TEXT,
	expire_time BIGINT,
	text TEXT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX subtitle_part_cid ON subtitle (part_cid);
CREATE INDEX subtitle_video_id ON subtitle (video_id);
CREATE TABLE video (
	video_id TEXT,
	type TEXT,
	kind TEXT,
	raw_kind TEXT,
	url TEXT,
	title TEXT,
	"desc" TEXT,
	text TEXT,
	desc_language TEXT,
	create_time BIGINT,
	submit_time BIGINT,
	duration_ms BIGINT,
	width BIGINT,
	height BIGINT,
	region TEXT,
	ip_location TEXT,
	author_uid TEXT,
	author_sec_uid TEXT,
	author_unique_id TEXT,
	author_nickname TEXT,
	statistics_play_count BIGINT,
	statistics_digg_count BIGINT,
	statistics_comment_count BIGINT,
	statistics_share_count BIGINT,
	statistics_collect_count BIGINT,
	statistics_repost_count BIGINT,
	statistics_download_count BIGINT,
	statistics_coin_count BIGINT,
	statistics_danmaku_count BIGINT,
	statistics_admire_count BIGINT,
	statistics_whatsapp_share_count BIGINT,
	statistics_rank_now BIGINT,
	statistics_rank_best BIGINT,
	availability TEXT,
	meta_platform TEXT,
	"key" TEXT NOT NULL,
	meta_fetched_at TEXT,
	meta_run_id TEXT,
	meta_router TEXT,
	meta_target TEXT,
	meta_tags TEXT,
	meta_partial BOOLEAN,
	meta_approximate TEXT,
	meta_missing TEXT,
	mix_id TEXT,
	music_music_id TEXT,
	place_id TEXT,
	data TEXT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE INDEX video_author_sec_uid ON video (author_sec_uid);
CREATE INDEX video_author_uid ON video (author_uid);
CREATE INDEX video_create_time ON video (create_time);
CREATE INDEX video_mix_id ON video (mix_id);
CREATE INDEX video_music_music_id ON video (music_music_id);
CREATE INDEX video_video_id ON video (video_id);
CREATE VIEW "v_video" AS SELECT *, datetime("create_time", 'unixepoch') AS "create_date", datetime("submit_time", 'unixepoch') AS "submit_date" FROM "video";
CREATE VIEW "v_author" AS SELECT *, datetime("register_time", 'unixepoch') AS "register_date", datetime("handle_change_time", 'unixepoch') AS "handle_change_date", datetime("name_change_time", 'unixepoch') AS "name_change_date" FROM "author";
CREATE VIEW "v_comment" AS SELECT *, datetime("create_time", 'unixepoch') AS "create_date" FROM "comment";
CREATE VIEW "v_music" AS SELECT * FROM "music";
CREATE VIEW "v_hashtag" AS SELECT * FROM "hashtag";
CREATE VIEW "v_mix" AS SELECT *, datetime("create_time", 'unixepoch') AS "create_date", datetime("update_time", 'unixepoch') AS "update_date" FROM "mix";
CREATE VIEW "v_live_room" AS SELECT *, datetime("start_time", 'unixepoch') AS "start_date", datetime("end_time", 'unixepoch') AS "end_date" FROM "live_room";
CREATE VIEW "v_live_area" AS SELECT * FROM "live_area";
CREATE VIEW "v_live_rank" AS SELECT * FROM "live_rank";
CREATE VIEW "v_product" AS SELECT * FROM "product";
CREATE VIEW "v_danmaku" AS SELECT *, datetime("create_time", 'unixepoch') AS "create_date" FROM "danmaku";
CREATE VIEW "v_subtitle" AS SELECT *, datetime("expire_time", 'unixepoch') AS "expire_date" FROM "subtitle";
CREATE VIEW "v_part" AS SELECT *, datetime("create_time", 'unixepoch') AS "create_date" FROM "part";
CREATE VIEW "v_stream_set" AS SELECT * FROM "stream_set";
CREATE VIEW "v_id" AS SELECT * FROM "id";
CREATE VIEW "v_hot_word" AS SELECT *, datetime("event_time", 'unixepoch') AS "event_date" FROM "hot_word";
CREATE VIEW "v_listing" AS SELECT *, datetime("seen_time", 'unixepoch') AS "seen_date" FROM "listing";
CREATE VIEW "v_placement" AS SELECT *, datetime("seen_time", 'unixepoch') AS "seen_date" FROM "placement";
CREATE VIEW "v_edge" AS SELECT *, datetime("evidence_time", 'unixepoch') AS "evidence_date" FROM "edge";
CREATE VIEW "v_event" AS SELECT *, datetime("item_time", 'unixepoch') AS "item_date", datetime("seen_time", 'unixepoch') AS "seen_date" FROM "event";
CREATE VIEW "v_media" AS SELECT * FROM "media";
CREATE VIEW "v_snapshot" AS SELECT key, time, datetime(time, 'unixepoch') AS "date", run_id, counts ->> 'play_count' AS "play_count", counts ->> 'digg_count' AS "digg_count", counts ->> 'comment_count' AS "comment_count", counts ->> 'share_count' AS "share_count", counts ->> 'collect_count' AS "collect_count", counts ->> 'repost_count' AS "repost_count", counts ->> 'download_count' AS "download_count", counts ->> 'coin_count' AS "coin_count", counts ->> 'danmaku_count' AS "danmaku_count", counts ->> 'admire_count' AS "admire_count", counts ->> 'whatsapp_share_count' AS "whatsapp_share_count", counts ->> 'rank_now' AS "rank_now", counts ->> 'rank_best' AS "rank_best", counts ->> 'follower_count' AS "follower_count", counts ->> 'following_count' AS "following_count", counts ->> 'friend_count' AS "friend_count", counts ->> 'total_favorited' AS "total_favorited", counts ->> 'favoriting_count' AS "favoriting_count", counts ->> 'video_count' AS "video_count", counts ->> 'mix_count' AS "mix_count", counts ->> 'article_count' AS "article_count", counts ->> 'audio_count' AS "audio_count", counts ->> 'play_total' AS "play_total", counts ->> 'article_view_total' AS "article_view_total", counts ->> 'reply_count' AS "reply_count", counts ->> 'view_count' AS "view_count", counts ->> 'user_count' AS "user_count", counts ->> 'item_count' AS "item_count", counts ->> 'viewers' AS "viewers", counts ->> 'viewers_total' AS "viewers_total", counts ->> 'likes' AS "likes", counts ->> 'stock' AS "stock", counts ->> 'attempts' AS "attempts" FROM snapshot;
