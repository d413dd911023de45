// The page's own script: it signs what the page asks of its platform's API. The server puts the argument in.
((config) => {
  const word = (number) => (number >>> 0).toString(16).padStart(8, "0");

  const digest = (text) => {
    let first = 0x2f6b1d35;
    let second = 0x7c15e9a1;
    for (let place = 0; place < text.length; place++) {
      const unit = text.charCodeAt(place);
      first = Math.imul(first ^ unit, 0x01000193);
      second = Math.imul((second + unit) | 0, 0x5bd1e995) ^ (first >>> 13);
    }
    return word(first) + word(second);
  };

  const cookie = (name) =>
    document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

  const signed = (address) => {
    const url = new URL(address, location.href);
    const own = url.origin === location.origin && config.prefixes.some((each) => url.pathname.startsWith(each));
    if (!own) return address;
    const token = cookie(config.token);
    let query = url.search.slice(1);
    query += `${query && "&"}${config.token}=${token}`;
    for (const name of config.seals) {
      query += `&${name}=${digest([query, navigator.userAgent, token, config.key].join("\n"))}`;
    }
    return `${url.origin}${url.pathname}?${query}`;
  };

  // Whether the page goes away under this call; its answer is then never seen.
  let asked = 0;
  const leaves = () => {
    asked += 1;
    if (asked !== config.leaveAfter) return false;
    if (config.leaveTo) location.href = config.leaveTo;
    else location.reload();
    return true;
  };

  const patch = () => {
    const { fetch } = window;
    window.fetch = (input, init) => {
      const target = input instanceof Request ? new Request(signed(input.url), input) : signed(String(input));
      const answer = fetch.call(window, target, init);
      return leaves() ? new Promise(() => {}) : answer;
    };
    const { open, send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (method, address, ...rest) {
      return open.call(this, method, signed(String(address)), ...rest);
    };
    XMLHttpRequest.prototype.send = function (body) {
      if (!leaves()) send.call(this, body);
    };
  };

  // What a page shows, and what nobody needs who only asks its API.
  const decorate = () => {
    const style = document.createElement("style");
    style.textContent = `@font-face{font-family:decor;src:url(${config.decor}letters.woff2)}body{font-family:decor}`;
    document.head.append(style);
    const image = new Image();
    image.src = `${config.decor}logo.jpg`;
    const video = document.createElement("video");
    video.preload = "auto";
    video.src = `${config.decor}intro.mp4`;
    document.body.append("Aa", image, video);
  };

  // The person before the screen.
  const login = () => fetch(config.login, { method: "POST" }).then(() => location.assign("/"));

  if (config.loginAfter !== null && !config.loggedIn) setTimeout(login, config.loginAfter * 1000);
  if (config.watched) {
    const { fetch } = window;
    window.fetch = (...words) => fetch.apply(window, words);
  }
  if (config.readyAfter) setTimeout(patch, config.readyAfter * 1000);
  else patch();
  document.addEventListener("DOMContentLoaded", decorate);
})(CONFIG);
