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

  function clockText(s) {
    var h = Math.floor(s / 3600);
    var m = Math.floor(s / 60) % 60;
    return digits((h ? h + ':' + two(m) : m) + ':' + two(s % 60));
  }

  function tick() {
    wake();
    var node = document.querySelector('[data-expires]');
    if (!node) return;
    var s = Math.floor((+node.dataset.expires - Date.now() - clock) / 1000);
    if (s > 86400) return;
    if (s < 0) s = 0;
    node.textContent = clockText(s);
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

  var wakesAt = 0; // when a button that waits may be pressed, by our time
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
    return body.dataset.here || location.pathname.replace(/\/(confirm|cancel)$/, '') + location.search;
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

  // Forms that go once: a second press, or a second Enter, sends nothing.

  function once(form, event) {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = 'yes';
    left = true;
    clearTimeout(timer);
    var button = form.querySelector('[data-busy]');
    if (!button) return;
    button.dataset.label = button.textContent;
    button.textContent = button.dataset.busy;
    button.disabled = true;
    say(button.dataset.busy);
  }

  // Whether the browser's own button brought the payer here.
  function isBack() {
    var entries = window.performance && performance.getEntriesByType ? performance.getEntriesByType('navigation') : [];
    return entries.length > 0 && entries[0].type === 'back_forward';
  }

  // The payer is back on a page that they left by its form: what browsers give back of a card is taken away.
  function again(form) {
    form.reset();
    delete form.dataset.sent;
    left = false;
    var button = form.querySelector('[data-label]');
    if (!button) return;
    button.textContent = button.dataset.label;
    button.disabled = false;
  }

  // A button that waits, as the line below it says
  function wake() {
    var button = document.querySelector('[data-wait]');
    if (!button || !wakesAt || button.form.dataset.sent) return;
    var s = Math.max(0, Math.ceil((wakesAt - Date.now()) / 1000));
    var line = button.form.querySelector('.wait');
    button.disabled = s > 0;
    if (!line) return;
    line.hidden = s === 0;
    line.querySelector('strong').textContent = clockText(s);
  }

  // Cards and one-time codes. Nothing that is typed here is kept, or goes anywhere but with its form.

  // Bengali and Devanagari digits are digits too.
  function ascii(text) {
    return text.replace(/[\u0966-\u096f\u09e6-\u09ef]/g, function (d) { return String((d.charCodeAt(0) & 15) - 6); });
  }

  function isChecked(number) {
    var sum = 0;
    for (var i = 0; i < number.length; i++) {
      var digit = +number.charAt(number.length - 1 - i) * (1 + i % 2);
      sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 === 0;
  }

  function judgeMonth(typed) {
    var parts = /^(?:(\d{1,2})\/|(\d\d))(?:20)?(\d\d)$/.exec(typed);
    var month = parts ? +(parts[1] || parts[2]) : 0;
    if (month < 1 || month > 12) return 'wrong';
    // Its end has come when it has everywhere on earth, twelve hours after UTC's.
    var over = Date.UTC(2000 + +parts[3], month, 1) + 43200000 <= Date.now() + clock;
    return over ? 'over' : '';
  }

  // What is wrong with a field, as the name of its data with the text: `missing`, `wrong`, `over`.
  function judge(field) {
    var typed = ascii(field.value).replace(/[\s-]/g, '');
    if (!field.required) return '';
    if (!typed) return 'missing';
    var isRight = true;
    if (field.name === 'expiry') return judgeMonth(typed);
    if (field.name === 'number') isRight = /^\d{13,19}$/.test(typed) && isChecked(typed);
    if (field.name === 'security_code') isRight = /^\d{3,4}$/.test(typed);
    if (field.name === 'code') isRight = /^\d{4,8}$/.test(typed);
    return isRight ? '' : 'wrong';
  }

  function mark(field, what) {
    var line = document.getElementById(field.id + '-error');
    if (!line) return;
    if (what) field.setAttribute('aria-invalid', 'true'); else field.removeAttribute('aria-invalid');
    line.textContent = what ? field.dataset[what] : '';
  }

  // Marks what is wrong, and goes to the first of it.
  function areRight(form) {
    var first = null;
    form.querySelectorAll('input[required]').forEach(function (field) {
      var what = judge(field);
      mark(field, what);
      if (what && !first) first = field;
    });
    if (first) first.focus();
    return !first;
  }

  // In fours, with the caret after the same digit as before.
  function group(field) {
    var before = ascii(field.value.slice(0, field.selectionStart)).replace(/\D/g, '').length;
    field.value = ascii(field.value).replace(/\D/g, '').slice(0, 19).replace(/(\d{4})(?=\d)/g, '$1 ');
    if (document.activeElement !== field) return;
    var at = before + Math.floor(Math.max(before - 1, 0) / 4);
    field.setSelectionRange(at, at);
  }

  function slash(field) {
    if (field.selectionStart < field.value.length) return;
    var typed = ascii(field.value);
    var all = typed.replace(/\D/g, '');
    if (/^[2-9]$|^[1-9]\D/.test(typed)) all = '0' + all;
    field.value = all.length < 2 ? all : all.slice(0, 2) + '/' + all.slice(2, 6);
  }

  function onType(event) {
    var field = event.target;
    if (!field.form || !field.form.hasAttribute('data-check') || event.isComposing) return;
    var isDeleted = /^delete/.test(event.inputType || '');
    if (field.name === 'number') group(field);
    else if (field.name === 'expiry' && !isDeleted) slash(field);
    if (field.hasAttribute('aria-invalid') && !judge(field)) mark(field, '');
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
    var sleeper = document.querySelector('[data-wait]');
    if (sleeper) wakesAt = Date.now() + sleeper.dataset.wait * 1000;
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
    var form = event.target;
    if (form.hasAttribute('data-claim')) { event.preventDefault(); return claim(form); }
    var skips = event.submitter && event.submitter.formNoValidate;
    if (form.hasAttribute('data-check') && !skips && !areRight(form)) return event.preventDefault();
    if (form.hasAttribute('data-once')) once(form, event);
  });

  document.addEventListener('input', onType);

  document.addEventListener('focusout', function (event) {
    var field = event.target;
    if (field.value && field.form && field.form.hasAttribute('data-check')) mark(field, judge(field));
  });

  window.addEventListener('pageshow', function (event) {
    if (event.persisted || isBack()) document.querySelectorAll('[data-once]').forEach(again);
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

  // Only once: who comes back stays here. A field may be called submit, which would hide the form's own.
  var go = document.querySelector('[data-go]');
  if (go && !isBack()) HTMLFormElement.prototype.submit.call(go);

  start();
  setInterval(tick, 1000);
  later();
  tell('ready');
  if (body.dataset.outcome === 'cancelled' && framed && body.dataset.auto) leave();
  else if (body.dataset.auto) setTimeout(leave, body.dataset.auto * 1000);
})();
