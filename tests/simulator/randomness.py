"""Numbers and texts that are computed from a seed and an index, never stored."""

from __future__ import annotations

import hashlib

MASK = 2**64 - 1
ALNUM = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
VOCABULARY = (
    "晨光 山谷 海边 小猫 旅行 厨房 木工 星空 火车 秋天 咖啡 老街 雨夜 花园 湖面 风筝 "
    "单车 书店 冬日 面包 灯塔 松林 草原 夜市 米饭 陶艺 钢琴 吉他 远方 河岸 竹林 雪山 "
    "第一次 一个人 三分钟 慢慢 重新 认真 手工 完整 实测 记录 教程 合集 日常 挑战 开箱 复盘 "
    "制作 修理 拍摄 练习 散步 露营 跑步 画画 编程 种菜 做菜 养鱼 登山 学习 搬家 过年"
)
WORDS = tuple(VOCABULARY.split())


def mix(seed: int, value: int) -> int:
    """Scramble `value` into 64 bits."""
    z = (seed + value * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def words(number: int, count: int) -> str:
    """Up to ten words chosen by the bits of `number`."""
    return "".join([WORDS[(number >> (6 * place)) & 63] for place in range(count)])


def hex_of(*parts: object) -> str:
    """32 hexadecimal digits that depend on nothing but `parts`."""
    return hashlib.md5("/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def uuid_of(*parts: object) -> str:
    """Something that looks like a UUID and depends on nothing but `parts`."""
    text = hex_of(*parts).upper()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def shuffled(index: int, total: int, seed: int) -> int:
    """Where `index` lands in a fixed arrangement of `range(total)`."""
    step = _coprime(total, seed)
    return (index * step + seed) % total


def _coprime(total: int, seed: int) -> int:
    for step in (7919, 104729, 1299709, 15485863, 32452843):
        if total % step:
            return step
    raise ValueError(f"no step for {total} with seed {seed}")


def code_of(*parts: object) -> str:
    """Seven letters and digits that depend on nothing but `parts`."""
    number = int(hex_of(*parts), 16)
    return "".join(ALNUM[(number >> (6 * place)) % len(ALNUM)] for place in range(7))
