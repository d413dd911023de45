"""The texts of the pages, in English and Chinese."""

from collections.abc import Iterator
from typing import NamedTuple

from starlette.requests import Request

from scraper.front.pages import fleet_words
from scraper.platform.platform import Platform

ENGLISH, CHINESE = "en", "zh-CN"
LANGUAGES = {"en": ENGLISH, "zh": CHINESE}
"""The languages by what `?lang=` calls them."""


class Outcome(NamedTuple):
    """What an outcome means, in both languages, and what to do in Chinese. In English, the failure itself tells that."""

    english: str
    chinese: str
    to_do: str


def language_of(request: Request) -> tuple[str, bool]:
    """Return the language of a request, and whether it was chosen by `?lang=` rather than by the browser."""
    chosen = LANGUAGES.get(request.query_params.get("lang", "")[:2].lower())
    if chosen:
        return chosen, True
    accepted = sorted(_accepted(request.headers.get("accept-language", "")), reverse=True)
    return next((LANGUAGES[name] for _, _, name in accepted if name in LANGUAGES), ENGLISH), False


def _accepted(header: str) -> Iterator[tuple[float, int, str]]:
    """Yield the languages of a header: their weights, what breaks ties, and their names."""
    for place, part in enumerate(header.split(",")):
        name, _, weight = part.partition(";")
        try:
            yield float(weight.strip().removeprefix("q=") or 1), -place, name.strip()[:2].lower()
        except ValueError:
            continue


def text(language: str, key: str, **values: object) -> str:
    """Return a text with values filled in."""
    english, chinese = _TEXTS[key]
    return (chinese if language == CHINESE else english).format(**values)


def platform_title(language: str, platform: Platform) -> str:
    """Return the name of a platform as readers of a language know it."""
    return (language == CHINESE and platform.chinese_title) or platform.title


def list_title(language: str, record_type: str, summary: str) -> str:
    """Return what a list is.

    :param summary: of its endpoint, in English
    """
    return _LISTS.get(record_type, "列表") if language == CHINESE else f"{summary[:1].upper()}{summary[1:]}"


def outcome_title(language: str, name: str) -> str:
    """Return what an outcome means in a few words; its name if it is not known."""
    known = OUTCOMES.get(name)
    return name if known is None else known.chinese if language == CHINESE else known.english


def outcome_to_do(language: str, name: str, remedy: str) -> str:
    """Return what to do about an outcome.

    :param remedy: what the failure says
    """
    known = OUTCOMES.get(name)
    return known.to_do if known and known.to_do and language == CHINESE else remedy


_TEXTS = {
    "site": ("Short video scraper", "短视频解析"),
    "home": ("Look up", "解析"),
    "cookies": ("Cookies", "Cookie"),
    "runs": ("Runs", "运行记录"),
    "api": ("API", "接口文档"),
    "other_language": ("中文", "English"),
    "log_out": ("Log out", "退出"),
    "skip": ("Skip to the content", "跳到正文"),
    "home_title": ("Look up a post, a profile or a list", "解析作品、主页或列表"),
    "lead": (
        "See any post, profile or list of {platforms}, and save its files.",
        "查看 {platforms} 的任意作品、主页或列表，并保存文件。",
    ),
    "paste": ("Paste a link, an id or a share text", "粘贴链接、ID 或分享文案"),
    "paste_hint": (
        "The whole text that an app copies is fine. A profile, mix, playlist, hashtag or search link shows a list.",
        "应用里复制的整段文字即可。主页、合集、收藏夹、话题、搜索链接会显示列表。",
    ),
    "show": ("Show", "解析"),
    "patience": (
        "It takes some seconds: requests to a platform are spaced out.",
        "需要几秒钟：对平台的请求之间会有间隔。",
    ),
    "works_with": ("What you can paste", "支持的内容"),
    "example_video": ("A post of {platform}", "{platform} 作品"),
    "example_user": ("A profile of {platform}", "{platform} 主页"),
    "example_short": ("A whole share text", "整段分享文案"),
    "separator": (", ", "、"),
    "several": ("This text has {number} links. Choose one:", "这段文字里有 {number} 个链接，请选择一个："),
    "why": ("Why", "原因（原文）"),
    "what_to_do": ("What to do", "怎么办"),
    "details": ("Details", "详细信息"),
    "input": ("Input", "输入"),
    "try_again": ("Try again", "重试"),
    "to_cookies": ("Go to cookies", "去设置 Cookie"),
    "wait_s": ("Wait {seconds} seconds before you try again.", "请等待 {seconds} 秒后重试。"),
    "by": ("by {name}", "作者：{name}"),
    "unknown_author": ("unknown", "未知"),
    "published": ("Published", "发布时间"),
    "length": ("Length", "时长"),
    "sound": ("Sound", "音乐"),
    "id": ("Id", "ID"),
    "untitled": ("(no text)", "（无文字）"),
    "comments": ("Comments", "评论"),
    "open": ("Open on {platform}", "在 {platform} 打开"),
    "picture_of": ("Picture of the post", "作品封面"),
    "image_number": ("Image {number}", "图片 {number}"),
    "play_count": ("views", "播放"),
    "digg_count": ("likes", "点赞"),
    "comment_count": ("comments", "评论"),
    "share_count": ("shares", "分享"),
    "collect_count": ("saves", "收藏"),
    "danmaku_count": ("danmaku", "弹幕"),
    "coin_count": ("coins", "投币"),
    "downloads": ("Downloads", "下载"),
    "download_best": ("Video, best quality", "视频（最高清晰度）"),
    "download_h264": ("Video for any player (H.264)", "视频（兼容格式 H.264）"),
    "download_lines": ("Up to {lines}p", "不超过 {lines}p"),
    "download_smallest": ("Smallest file", "最小文件"),
    "download_marked": ("With watermark", "带水印"),
    "download_images": ("All {number} images (ZIP)", "全部 {number} 张图片（ZIP）"),
    "download_image": ("The image", "图片"),
    "download_json": ("Data (JSON)", "数据（JSON）"),
    "no_media": (
        "The platform gave no address of a file for this post.",
        "平台没有给出这个作品的文件地址。",
    ),
    "qualities": ("Qualities", "清晰度"),
    "quality": ("Quality", "清晰度"),
    "size": ("Picture", "画面"),
    "codec": ("Codec", "编码"),
    "fps": ("Frames/s", "帧率"),
    "bitrate": ("Bit rate", "码率"),
    "file_size": ("File size", "文件大小"),
    "watermark": ("Watermark", "水印"),
    "yes": ("yes", "有"),
    "no": ("no", "无"),
    "unknown": ("not known", "未知"),
    "missing": ("The platform left out: {fields}.", "平台没有返回：{fields}。"),
    "items": ("{number} items on this page", "本页 {number} 条"),
    "empty_page": ("There is nothing on this page, but the list continues.", "本页没有内容，但列表还没有结束。"),
    "empty_list": ("There is nothing in this list.", "这个列表是空的。"),
    "incomplete": ("This page is not complete.", "本页不完整。原因（原文）："),
    "next_page": ("Next page", "下一页"),
    "end_of_list": ("This is the end of the list.", "列表到此结束。"),
    "as_csv": ("CSV: {name}", "CSV：{name}"),
    "as_lines": ("JSON lines", "JSON 行"),
    "whole_list": ("Crawl the whole list", "爬取整个列表"),
    "all_links": ("Crawl all of them", "全部爬取"),
    "whole_list_hint": (
        "It runs on the server. Its records are downloaded from the page of runs.",
        "在服务器上运行，结果可在「运行记录」页下载。",
    ),
    "field": ("Field", "字段"),
    "value": ("Value", "值"),
    "cookies_lead": (
        "A cookie is your logged-in session. Some lists and qualities need one. Values are never shown here.",
        "Cookie 就是你的登录状态，部分列表和清晰度需要它。这里不会显示 Cookie 的值。",
    ),
    "service": ("Service", "服务"),
    "state": ("State", "状态"),
    "from": ("From", "来源"),
    "cookie_none": ("not set", "未设置"),
    "cookie_logged_in": ("logged in", "已登录"),
    "cookie_guest": ("without a login", "未登录"),
    "cookie_expired": ("login expired", "登录已过期"),
    "cookie_until": ("until {date}", "有效期至 {date}"),
    "cookie_days": ("{number} days left", "剩余 {number} 天"),
    "cookie_hours": ("{number} hours left", "剩余 {number} 小时"),
    "cookie_unknown_end": ("expiry unknown", "有效期未知"),
    "cookie_needs": ("a login needs {names}", "登录需要 {names}"),
    "cookie_lacks": ("missing: {names}", "缺少：{names}"),
    "or": (" or ", " 或 "),
    "clause_separator": ("; ", "；"),
    "new_cookie": ("Paste a new cookie", "粘贴新的 Cookie"),
    "cookie_label": ("Cookie", "Cookie 内容"),
    "cookie_hint": (
        "In your browser, log in at the platform, open the developer tools (F12), Network, and copy the request as cURL or its Cookie"
        " header. A cookies.txt, a JSON export or name=value lines work too.",
        "在浏览器登录平台后，按 F12 打开开发者工具 → 网络，复制请求的 cURL 或 Cookie 请求头。cookies.txt、JSON 导出或 name=value 行也可以。",
    ),
    "agent_label": ("User agent of that browser (optional)", "该浏览器的 User-Agent（可选）"),
    "agent_hint": ("A cURL command has it already.", "cURL 命令里已包含。"),
    "save": ("Check and save", "检查并保存"),
    "saved": (
        "The cookie of {service} was saved. The next request uses it.",
        "{service} 的 Cookie 已保存，下一个请求就会使用。",
    ),
    "not_saved": ("Nothing was changed", "没有任何改动"),
    "runs_lead": ("Crawls and jobs that the ledger knows, the latest first.", "账本中的爬取和任务，最新的在前。"),
    "no_runs": ("There is no run yet.", "还没有运行记录。"),
    "run": ("Run", "运行"),
    "spider": ("Spider", "爬虫"),
    "started": ("Started", "开始时间"),
    "outcome": ("Outcome", "结果"),
    "records": ("Records", "记录数"),
    "failures": ("Failures", "失败数"),
    "continue_with": ("To continue", "继续方法"),
    "feed": ("Records (JSON lines)", "结果（JSON 行）"),
    "run_alive": ("running", "运行中"),
    "run_killed": ("killed", "被终止"),
    "run_unfinished": ("unfinished", "未完成"),
    "run_finished": ("finished", "已完成"),
    "exit_code": ("{state}, exit code {code}", "{state}，退出码 {code}"),
    "stopped_because": ("stopped: {reason}", "停止原因：{reason}"),
    "job_started": ("The job was started. Reload the page to see how far it is.", "任务已开始。刷新本页查看进度。"),
    "calls_title": ("Calls for programs", "供程序调用的接口"),
    "calls_lead": (
        "Each answers with an envelope: code, router and data. To continue a list, pass its cursor back.",
        "每个接口都返回 code、router 和 data。列表用其游标参数翻页。",
    ),
    "calls_more": (
        "The same for tools (/docs loads scripts from another host):",
        "供工具使用（/docs 会从其他站点加载脚本）：",
    ),
    "needs_scripts": (
        "This page loads its scripts from cdn.jsdelivr.net. Without them, {link} shows the same calls.",
        "本页从 cdn.jsdelivr.net 加载脚本。如无法加载，{link} 有相同的接口说明。",
    ),
    "call": ("Call", "接口"),
    "answer": ("What it answers", "返回内容"),
    "parameters": ("Parameters", "参数"),
    "log_in": ("Log in", "登录"),
    "log_in_lead": (
        "This server takes calls with its token only. It was shown when the server started.",
        "此服务器需要令牌。令牌在服务器启动时显示过。",
    ),
    "token": ("Token", "令牌"),
    "wrong_token": ("This is not the token of this server.", "令牌不正确。"),
    "footer": (
        "Everything comes from this server: no script, no foreign host, no tracking.",
        "全部内容来自本服务器：无脚本、无外部站点、无跟踪。",
    ),
    **fleet_words.TEXTS,
}

_LISTS = {
    "video": "作品列表",
    "comment": "评论列表",
    "author": "用户列表",
    "mix": "合集列表",
    "music": "音乐列表",
    "hashtag": "话题列表",
    "danmaku": "弹幕列表",
    "live_room": "直播间列表",
    "part": "分集列表",
}
"""Lists by their type of record, in Chinese."""

OUTCOMES = {
    "INCOMPLETE": Outcome("The list stopped before its end", "列表在结束前中断", "稍后再次获取，或从中断处继续。"),
    "BAD_INPUT": Outcome("This is not something that can be looked up", "无法识别这个输入", "请检查链接、ID 或参数。"),
    "LOGIN_REQUIRED": Outcome("A login is needed", "需要登录", "在「Cookie」页粘贴已登录浏览器的 Cookie。"),
    "SIGNATURE_REJECTED": Outcome(
        "The platform refused the request as unsigned",
        "平台拒绝了未签名的请求",
        "稍后重试，或使用已登录的 Cookie；部分接口需要本机浏览器。",
    ),
    "NOT_FOUND": Outcome("It does not exist, or was deleted", "不存在或已删除", "无需处理：平台上没有这个内容。"),
    "MEDIA_EXPIRED": Outcome("The address of the file has expired", "文件地址已过期", "重新解析作品以获得新地址。"),
    "UPSTREAM_CHANGED": Outcome(
        "The platform changed its answers", "平台的响应格式变了", "请连同下面的详细信息一起反馈。"
    ),
    "CHALLENGE": Outcome(
        "The platform asks for a captcha",
        "平台要求验证",
        "在该 Cookie 所属的浏览器里打开平台并手动完成验证，等一会儿，并放慢速度。本程序从不破解验证码。",
    ),
    "RATE_LIMITED": Outcome("Too many requests", "请求过于频繁", "等待一段时间，并增大请求间隔。"),
    "COOKIE_EXPIRED": Outcome(
        "The cookie is no longer accepted", "Cookie 已失效", "在浏览器里重新登录，然后在「Cookie」页粘贴新的 Cookie。"
    ),
    "PRIVATE": Outcome(
        "Only its owner, or people the owner chose, may see it",
        "仅作者或指定的人可见",
        "无法获取，除非你的账号有权查看：请设置该账号的 Cookie。",
    ),
    "GEO_BLOCKED": Outcome(
        "It is blocked for this country or address", "该地区或 IP 无法访问", "使用内容可访问地区的代理。"
    ),
    "BUG": Outcome("An error in this program", "程序内部错误", "请附上日志中的错误信息反馈。"),
    "UPSTREAM": Outcome(
        "The platform did not answer properly", "平台没有正常响应", "稍后重试；若一直如此，请检查网络。"
    ),
    "PROXY": Outcome("Your proxy does not answer", "代理没有响应", "检查代理设置。"),
    "NOT_READ": Outcome(
        "The database cannot be read", "无法读取数据库", "检查 DATABASE_URL 的数据库是否运行，然后重试。"
    ),
    "STOPPING": Outcome("The server is stopping", "服务器正在停止", "服务器重新启动后再试。"),
    "UNAUTHORIZED": Outcome("A token is needed", "需要令牌", "请用服务器启动时显示的令牌登录。"),
    "FORBIDDEN": Outcome(
        "This server refused the request",
        "服务器拒绝了这个请求",
        "请用服务器自己的地址打开（其他名称需以 --allowed-host 启动），不要从其他网站提交。",
    ),
    "OLD_FORM": Outcome("The form has expired", "表单已过期", "请重新打开页面，再提交。"),
    "DROPPED": Outcome(
        "A pipeline of this server dropped it", "被服务器的 pipeline 丢弃", "如需获取，请修改 ITEM_PIPELINES。"
    ),
    "NO_PAGE": Outcome("There is no such page", "没有这个页面", "请从首页开始。"),
    "NOT_ALLOWED": Outcome("The page does not take this request", "页面不接受这种请求", "请从本站的页面操作。"),
    "CONFLICT": Outcome("It is over already", "已经结束", "无需处理：它不会再发送请求。"),
    "PAGE_EXPIRED": Outcome("The page to export has expired", "要导出的页面已过期", "请重新解析列表，再导出。"),
    "TOO_LARGE": Outcome("It is too large", "内容过大", "请缩短，或分几次提交。"),
    "NOT_WRITTEN": Outcome(
        "The server cannot write its files", "服务器无法写入文件", "请查看服务器日志，修正配置或权限后重试。"
    ),
    "NOT_OFFERED": Outcome("This call is not offered", "不提供这个接口", "所有接口见「接口文档」页。"),
    "NO_SPACE": Outcome(
        "There is no space for the file", "没有空间存放文件", "稍后重试、选择较低的清晰度，或释放服务器的磁盘空间。"
    ),
}
"""The outcomes and the server's own refusals, by name."""
NEEDS_COOKIE = ("LOGIN_REQUIRED", "COOKIE_EXPIRED", "CHALLENGE", "SIGNATURE_REJECTED")
"""Outcomes that a new cookie may change."""
