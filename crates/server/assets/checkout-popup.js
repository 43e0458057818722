// The shop's page calls rupantorpayCheckOut(payment_url): opens the checkout over the page.
// Only CSSOM for looks: a shop's CSP may forbid every style that is not ours.
(function () {
  'use strict';
  if (window.rupantorpayCheckOut) return;
  var WORDS = {
    en: ['Payment', 'Close', 'Open the payment page'],
    bn: ['পেমেন্ট', 'বন্ধ করুন', 'পেমেন্ট পেজ খুলুন'],
    hi: ['भुगतान', 'बंद करें', 'भुगतान पेज खोलें'],
    bg: ['Плащане', 'Затвори', 'Отвори страницата за плащане']
  };
  var open = null; // the one overlay

  function words() {
    var tag = document.documentElement.lang || navigator.language || 'en';
    return WORDS[tag.slice(0, 2).toLowerCase()] || WORDS.en;
  }

  // The page in the frame follows the browser's scheme, not the shop's.
  function colours() {
    return window.matchMedia('(prefers-color-scheme:dark)').matches
      ? { paper: '#191c25', ink: '#f1f3f8', line: '#2d323f', link: '#aab4ff' }
      : { paper: '#fff', ink: '#14171f', line: '#dfe2ea', link: '#3949d1' };
  }

  function dress(node, rules) {
    Object.keys(rules).forEach(function (name) { node.style[name] = rules[name]; });
    return node;
  }

  function make(tag, rules) {
    return dress(document.createElement(tag), rules);
  }

  function build(url) {
    var text = words();
    var colour = colours();
    var overlay = make('div', {
      position: 'fixed', top: '0', right: '0', bottom: '0', left: '0', zIndex: '2147483647', display: 'flex',
      alignItems: 'center', justifyContent: 'center', margin: '0', padding: '0', background: 'rgba(12,15,24,.62)'
    });
    overlay.setAttribute('role', 'dialog');
    overlay.setAttribute('aria-modal', 'true');
    overlay.setAttribute('aria-label', text[0]);
    overlay.setAttribute('aria-busy', 'true');
    overlay.tabIndex = -1;
    var sheet = make('div', {
      position: 'relative', display: 'flex', flexDirection: 'column', boxSizing: 'border-box', overflow: 'hidden',
      background: colour.paper, color: colour.ink, font: '16px/1.4 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif'
    });
    var bar = make('div', {
      display: 'flex', flex: 'none', alignItems: 'center', justifyContent: 'flex-end', gap: '8px', padding: '4px',
      background: colour.paper, borderBottom: '1px solid ' + colour.line
    });
    var link = make('a', { display: 'none', marginRight: 'auto', padding: '0 12px', color: colour.link });
    link.href = url;
    link.textContent = text[2];
    var close = make('button', {
      width: '44px', height: '44px', margin: '0', padding: '0', border: '0', borderRadius: '10px', background: colour.line,
      color: colour.ink, font: '24px/44px system-ui,sans-serif', cursor: 'pointer'
    });
    close.type = 'button';
    close.setAttribute('aria-label', text[1]);
    close.title = text[1];
    close.textContent = '\u00d7';
    var frame = make('iframe', { flex: '1', width: '100%', minHeight: '0', border: '0', background: 'transparent' });
    frame.title = text[0];
    frame.setAttribute('allow', 'clipboard-write');
    bar.appendChild(link);
    bar.appendChild(close);
    sheet.appendChild(bar);
    sheet.appendChild(frame);
    overlay.appendChild(sheet);
    return { overlay: overlay, sheet: sheet, close: close, frame: frame, link: link };
  }

  function fit() {
    if (!open) return;
    var small = window.innerWidth < 640 || window.innerHeight < 560;
    dress(open.sheet, {
      width: small ? '100%' : '480px',
      height: small ? '100%' : 'min(860px, calc(100vh - 48px))',
      borderRadius: small ? '0' : '16px',
      boxShadow: small ? 'none' : '0 20px 60px rgba(0,0,0,.35)'
    });
  }

  // All of the page but the overlay becomes inert; what already was is left alone.
  function hush() {
    if (!open) return;
    Array.prototype.forEach.call(document.body.children, function (child) {
      if (child === open.overlay || child.hasAttribute('inert') || child.nodeName === 'SCRIPT') return;
      child.setAttribute('inert', '');
      open.hushed.push([child, child.getAttribute('aria-hidden')]);
      child.setAttribute('aria-hidden', 'true');
    });
  }

  function unhush() {
    open.hushed.forEach(function (pair) {
      pair[0].removeAttribute('inert');
      if (pair[1] === null) pair[0].removeAttribute('aria-hidden'); else pair[0].setAttribute('aria-hidden', pair[1]);
    });
  }

  function go(url) {
    var to;
    try { to = new URL(url); } catch (e) { return; }
    if (to.origin !== open.origin) return;
    shut();
    location.assign(to.href);
  }

  function shut() {
    var was = open;
    unhush();
    document.removeEventListener('keydown', onKey, true);
    document.removeEventListener('focusin', onFocus, true);
    document.removeEventListener('securitypolicyviolation', onViolation);
    window.removeEventListener('message', onMessage);
    window.removeEventListener('resize', fit);
    clearTimeout(was.slow);
    document.documentElement.style.overflow = was.scroll;
    was.overlay.remove();
    open = null;
    if (was.opener && was.opener.focus && document.contains(was.opener)) was.opener.focus();
  }

  // Closing a finished payment leads on; closing an open one leaves it open, to be called again.
  function dismiss() {
    if (open.after) go(open.after); else shut();
  }

  function onKey(event) {
    if (event.key === 'Escape' || event.key === 'Esc') {
      event.preventDefault();
      event.stopPropagation();
      dismiss();
    } else if (event.key === 'Tab') {
      // The frame holds its own focus; our own stops are the close button and the slow link.
      var shown = open.link.style.display !== 'none';
      var first = shown ? open.link : open.close;
      if (event.shiftKey && (document.activeElement === first || document.activeElement === open.overlay)) {
        event.preventDefault();
        open.frame.focus();
      }
    }
  }

  function onFocus(event) {
    if (!open.overlay.contains(event.target)) open.close.focus();
  }

  function onMessage(event) {
    var data = event.data;
    if (event.source !== open.frame.contentWindow || event.origin !== open.origin) return;
    if (!data || data.source !== 'torana') return;
    if (data.type === 'ready') {
      clearTimeout(open.slow);
      open.link.style.display = 'none';
      open.after = data.status === 'succeeded' || data.status === 'cancelled' ? data.url : null;
      open.overlay.removeAttribute('aria-busy');
    } else if (data.type === 'escape') {
      dismiss();
    } else if (data.type === 'done' || data.type === 'cancelled') {
      go(data.url);
    }
  }

  // The shop's CSP forbids our frame: go to the payment instead.
  function onViolation(event) {
    var what = event.effectiveDirective || event.violatedDirective || '';
    if (!/^(frame|child|default)-src/.test(what) || event.disposition === 'report') return;
    if (event.blockedURI && event.blockedURI.indexOf(open.origin) !== 0) return;
    var url = open.url;
    shut();
    location.href = url;
  }

  function show(url) {
    if (open) {
      if (open.url !== url.href) {
        open.url = open.link.href = open.frame.src = url.href;
        open.origin = url.origin;
        open.after = null;
        open.overlay.setAttribute('aria-busy', 'true');
      }
      open.close.focus();
      return;
    }
    open = build(url.href);
    open.url = url.href;
    open.origin = url.origin;
    open.after = null;
    open.hushed = [];
    open.opener = document.activeElement;
    open.scroll = document.documentElement.style.overflow;
    document.documentElement.style.overflow = 'hidden';
    document.addEventListener('keydown', onKey, true);
    document.addEventListener('focusin', onFocus, true);
    document.addEventListener('securitypolicyviolation', onViolation);
    window.addEventListener('message', onMessage);
    window.addEventListener('resize', fit);
    open.close.addEventListener('click', dismiss);
    open.slow = setTimeout(function () { if (open) open.link.style.display = 'inline'; }, 10000);
    fit();
    document.body.appendChild(open.overlay);
    hush();
    open.close.focus();
    open.frame.src = url.href;
  }

  window.rupantorpayCheckOut = function (paymentUrl) {
    var url;
    try { url = new URL(paymentUrl, location.href); } catch (e) { url = null; }
    if (typeof paymentUrl !== 'string' || !paymentUrl.trim() || !url || !/^https?:$/.test(url.protocol)) {
      console.error('rupantorpayCheckOut: not a payment URL', paymentUrl);
      return;
    }
    if (document.readyState === 'loading') {
      document.addEventListener('DOMContentLoaded', function () { show(url); }, { once: true });
    } else {
      show(url);
    }
  };
})();
