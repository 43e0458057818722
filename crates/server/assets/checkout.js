// Makes the payer's pages quicker. Everything that matters works without it.
(function () {
  'use strict';
  var body = document.body;
  var framed = window.parent !== window;
  var live = document.getElementById('live');
  var clock = 0; // the server's time less ours, in milliseconds
  var left = false; // the page is being left: stop asking

  function tell(type) {
    if (!framed) return;
    var back = body.dataset.return;
    window.parent.postMessage({
      source: 'torana',
      type: type,
      status: body.dataset.outcome || null,
      url: back ? new URL(back, location.href).href : null
    }, '*');
  }

  function say(text) {
    if (live && text && live.textContent !== text) live.textContent = text;
  }

  function reload(url) {
    left = true;
    if (url) location.replace(url); else location.reload();
  }

  // Copying

  function copyText(text) {
    if (navigator.clipboard && window.isSecureContext) {
      return navigator.clipboard.writeText(text).catch(function () { return copyOld(text); });
    }
    return copyOld(text);
  }

  function copyOld(text) {
    var area = document.createElement('textarea');
    area.value = text;
    area.className = 'sr';
    area.setAttribute('readonly', '');
    body.appendChild(area);
    area.select();
    var copied = document.execCommand('copy');
    area.remove();
    return copied ? Promise.resolve() : Promise.reject(new Error('copy'));
  }

  function onCopy(button) {
    copyText(button.dataset.copy).then(function () {
      var label = button.dataset.label || button.textContent;
      button.dataset.label = label;
      button.textContent = button.dataset.done;
      button.classList.add('done');
      say(button.getAttribute('aria-label') + ': ' + button.dataset.done);
      setTimeout(function () {
        button.textContent = label;
        button.classList.remove('done');
        say(' ');
      }, 2000);
    }, function () {
      var value = button.parentNode.querySelector('b');
      if (value) getSelection().selectAllChildren(value);
    });
    button.focus();
  }

  // Countdown

  function digits(text) {
    if (document.documentElement.lang !== 'bn') return text;
    return text.replace(/\d/g, function (d) { return String.fromCharCode(0x9E6 + +d); });
  }

  function two(n) { return (n < 10 ? '0' : '') + n; }

  function tick() {
    var node = document.querySelector('[data-expires]');
    if (!node) return;
    var s = Math.floor((+node.dataset.expires - Date.now() - clock) / 1000);
    if (s > 86400) return;
    if (s < 0) s = 0;
    var h = Math.floor(s / 3600);
    var m = Math.floor(s / 60) % 60;
    node.textContent = digits((h ? h + ':' + two(m) : m) + ':' + two(s % 60));
    node.parentNode.classList.toggle('soon', s < 60);
  }

  // Asking how the payment stands: every 3 s at first, then less often; never while nobody looks.

  var wait = 3000;
  var timer = 0;

  function later() {
    clearTimeout(timer);
    if (!left && body.dataset.status && !document.hidden) timer = setTimeout(ask, wait);
  }

  function ask() {
    fetch(body.dataset.status, { headers: { Accept: 'application/json' }, cache: 'no-store' })
      .then(function (r) { return r.json(); })
      .then(function (answer) {
        wait = Math.min(wait * 1.15, 10000);
        if (!left) apply(answer);
      })
      .catch(function () { wait = 10000; })
      .then(later);
  }

  var pending = ''; // the last pending answer's code

  function apply(answer, asked) {
    var status = answer.status;
    var open = body.dataset.page === 'checkout';
    if (status === 'created' || status === 'error') return;
    if (status === 'pending') {
      // Once for each answer, and never over what the payer is typing.
      var field = document.getElementById('reference');
      var typing = field && field.value !== field.defaultValue;
      var news = answer.code !== pending && !document.querySelector('.waiting');
      pending = answer.code;
      if (open && (asked || (news && !typing))) show(here(), answer.message);
      return;
    }
    if (!open && (status === body.dataset.outcome)) return;
    say(answer.message);
    reload(here());
  }

  // The page's own URL, even after a form without JavaScript left us on another.
  function here() {
    return location.pathname.replace(/\/(confirm|cancel)$/, '') + location.search;
  }

  // Takes another view of this payment without a whole new page.
  function show(url, message, then) {
    return fetch(url, { headers: { Accept: 'text/html' }, cache: 'no-store' })
      .then(function (r) { return r.text(); })
      .then(function (text) {
        var next = new DOMParser().parseFromString(text, 'text/html');
        if (next.body.dataset.page !== body.dataset.page || body.dataset.page !== 'checkout') throw new Error('other page');
        document.querySelector('main').replaceWith(next.querySelector('main'));
        document.querySelector('.languages ul').replaceWith(next.querySelector('.languages ul'));
        document.title = next.title;
        start();
        say(message);
        if (then) then();
      })
      .catch(function () { reload(url); });
  }

  function choose(link) {
    var url = link.href;
    show(url, '', function () {
      history.replaceState(null, '', url);
      var title = document.getElementById('how');
      if (title) {
        title.focus({ preventScroll: true });
        title.scrollIntoView({ block: 'start' });
      }
    });
  }

  // Giving the reference

  function refuse(form, text) {
    var field = form.elements.reference;
    field.setAttribute('aria-invalid', 'true');
    form.querySelector('.error').textContent = text;
    field.focus();
  }

  function claim(form) {
    var field = form.elements.reference;
    var button = form.querySelector('.button');
    var typed = field.value.replace(/\s+/g, '');
    form.querySelector('.error').textContent = '';
    field.removeAttribute('aria-invalid');
    if (!typed) return refuse(form, form.dataset.missing);
    if (typed.length < +form.dataset.min) return refuse(form, form.dataset.short);
    if (button.disabled) return;
    var label = button.textContent;
    var data = new URLSearchParams();
    data.set('method', form.elements.method.value);
    data.set('reference', typed);
    button.disabled = true;
    button.textContent = button.dataset.busy;
    say(button.dataset.busy);
    fetch(form.action, { method: 'POST', body: data, headers: { Accept: 'application/json' } })
      .then(function (r) { return r.json(); })
      .then(function (answer) {
        if (answer.status === 'error' || answer.status === 'created') return refuse(form, answer.message);
        wait = 3000;
        later();
        if (body.dataset.page === 'checkout') return apply(answer, true);
        if (answer.status === 'expired' && answer.code !== 'not_found_yet') return refuse(form, answer.message);
        say(answer.message);
        reload(here());
      })
      .catch(function () { refuse(form, form.dataset.problem); })
      .then(function () {
        button.disabled = false;
        button.textContent = label;
      });
  }

  // Leaving for the shop

  function leave() {
    var link = document.getElementById('continue');
    if (!framed) { if (link) { left = true; location.assign(link.href); } return; }
    tell(body.dataset.outcome === 'cancelled' ? 'cancelled' : 'done');
    setTimeout(function () {
      // Nobody took us away: the link (target=_top) stays, in plain sight.
      if (link) { link.hidden = false; link.focus(); link.scrollIntoView({ block: 'center' }); }
      var auto = document.getElementById('auto');
      if (auto) auto.hidden = true;
    }, 1500);
  }

  function start() {
    var node = document.querySelector('[data-expires]');
    if (node) clock = +node.dataset.now - Date.now();
    document.querySelectorAll('[data-copy]').forEach(function (b) { b.hidden = false; });
    var qr = document.querySelector('.qr');
    if (qr && window.matchMedia('(min-width:52rem)').matches) qr.open = true;
    tick();
  }

  document.addEventListener('click', function (event) {
    var target = event.target;
    if (!target.closest || event.ctrlKey || event.metaKey || event.shiftKey) return;
    var button = target.closest('[data-copy]');
    if (button) return onCopy(button);
    var tile = target.closest('[data-method]');
    if (tile) { event.preventDefault(); return choose(tile); }
    if (framed && target.closest('#continue')) { event.preventDefault(); return leave(); }
    var menu = document.querySelector('.languages[open]');
    if (menu && !menu.contains(target)) menu.open = false;
  });

  document.addEventListener('submit', function (event) {
    if (event.target.hasAttribute('data-claim')) { event.preventDefault(); claim(event.target); }
  });

  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    var menu = document.querySelector('.languages[open]');
    if (menu) { menu.open = false; menu.querySelector('summary').focus(); } else tell('escape');
  });

  document.addEventListener('visibilitychange', function () {
    wait = 3000;
    if (document.hidden) clearTimeout(timer); else if (body.dataset.status && !left) ask();
  });

  // Only once: who comes back by the browser's own button stays here.
  var go = document.querySelector('[data-go]');
  if (go && !(window.performance && performance.getEntriesByType && (performance.getEntriesByType('navigation')[0] || {}).type === 'back_forward')) go.submit();

  start();
  setInterval(tick, 1000);
  later();
  tell('ready');
  if (body.dataset.outcome === 'cancelled' && framed && body.dataset.auto) leave();
  else if (body.dataset.auto) setTimeout(leave, body.dataset.auto * 1000);
})();
