// Keeps a page up to date: one stream per page, each changed part morphed in place, so that whoever reads it keeps place,
// focus and selection. Without this script every page works all the same, as it was when it was loaded.
'use strict';
(() => {
  const RETRY_MS = [1000, 2000, 4000, 8000, 15000];
  const LOG_MAX = 200000;
  const status = document.getElementById('live');
  const path = document.body.dataset.live;

  // ---- ages tick by themselves

  const span = (seconds) => {
    const two = (a, unit, b, small) => (b === 0 ? a + unit : a + unit + b + small);
    if (seconds < 60) return Math.max(0, seconds) + 's';
    if (seconds < 3600) return two(Math.floor(seconds / 60), 'm', seconds % 60, 's');
    if (seconds < 86400) return two(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'm');
    return two(Math.floor(seconds / 86400), 'd', Math.floor((seconds % 86400) / 3600), 'h');
  };
  // By the node's clock, not by this machine's.
  const asOf = document.querySelector('#live time');
  const ahead = asOf ? Date.parse(asOf.dateTime) - Date.now() : 0;
  const tick = () => {
    const now = Date.now() + ahead;
    for (const time of document.querySelectorAll('time.ago')) {
      const text = span(Math.floor((now - Date.parse(time.dateTime)) / 1000));
      if (time.firstChild && time.firstChild.data !== text) time.firstChild.data = text;
    }
  };

  // ---- one part as it is, made to what it should be

  const alike = (one, other) =>
    one.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id || '') === (other.id || '');

  const morph = (have, want) => {
    if (have.nodeType !== Node.ELEMENT_NODE) {
      if (have.data !== want.data) have.data = want.data;
      return;
    }
    if (have.isEqualNode(want)) return;
    for (const attribute of want.attributes)
      if (have.getAttribute(attribute.name) !== attribute.value) have.setAttribute(attribute.name, attribute.value);
    for (const attribute of [...have.attributes])
      // Whoever opened something keeps it open.
      if (!want.hasAttribute(attribute.name) && attribute.name !== 'open') have.removeAttribute(attribute.name);
    children(have, want);
  };

  const children = (have, want) => {
    const known = new Map();
    for (const child of have.children) if (child.id) known.set(child.id, child);
    let at = have.firstChild;
    for (const child of [...want.childNodes]) {
      const match = child.id ? known.get(child.id) : at;
      if (match && alike(match, child)) {
        if (match === at) at = at.nextSibling;
        else have.insertBefore(match, at);
        morph(match, child);
      } else {
        have.insertBefore(child, at);
      }
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  };

  const show = (id, html) => {
    const part = document.getElementById(id);
    if (!part) return;
    const focused = document.activeElement;
    const template = document.createElement('template');
    template.innerHTML = html;
    children(part, template.content);
    // A row that moved takes its focus along.
    if (focused && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
  };

  // ---- output of a job

  const log = document.getElementById('log');
  // Before the first piece: the end of what there is.
  let from = -1;
  const append = (piece) => {
    if (!log) return;
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    from = piece.next;
    log.append(piece.text);
    if (log.textContent.length > LOG_MAX) log.textContent = log.textContent.slice(-LOG_MAX / 2);
    if (follows) log.scrollTop = log.scrollHeight;
  };

  // ---- the stream

  let stream = null;
  let tries = 0;
  let timer = 0;

  const say = (state, words) => {
    if (!status || status.dataset.state === state) return;
    status.dataset.state = state;
    status.textContent = words;
  };

  const address = () => {
    const url = new URL(path, location.href);
    if (log) {
      url.searchParams.set('log', document.body.dataset.log);
      url.searchParams.set('from', from);
    }
    return url;
  };

  const stop = () => {
    clearTimeout(timer);
    if (stream) stream.close();
    stream = null;
  };

  const lost = () => {
    stop();
    say('lost', `Not live: connection lost at ${new Date().toLocaleTimeString()}; what is shown is of before. Trying again`);
    document.body.classList.add('stale');
    timer = setTimeout(start, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
  };

  const start = () => {
    stop();
    stream = new EventSource(address());
    stream.addEventListener('part', (event) => {
      const part = JSON.parse(event.data);
      show(part.id, part.html);
      tick();
    });
    stream.addEventListener('log', (event) => append(JSON.parse(event.data)));
    stream.addEventListener('live', () => {
      tries = 0;
      say('live', 'Live');
      document.body.classList.remove('stale');
    });
    stream.addEventListener('gone', () => location.reload());
    stream.onerror = lost;
  };

  setInterval(tick, 1000);
  if (log) log.scrollTop = log.scrollHeight;
  if (!path || !window.EventSource) return;
  start();
  // A browser opens six connections to a server: pages that nobody looks at hold none.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      stop();
    } else if (!stream) {
      tries = 0;
      start();
    }
  });
  window.addEventListener('pagehide', stop);
  window.addEventListener('pageshow', (event) => {
    if (event.persisted && !stream) start();
  });
})();
