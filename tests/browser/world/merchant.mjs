// A shop on an origin of its own: where payers come back to, and pages that open the popup.
import { createServer } from 'node:http';
import { once } from 'node:events';

const NONCE = 'c2hvcA';
const STYLE =
  'body{font:16px/1.5 sans-serif;margin:2rem;background:#f3efe6;color:#2b2118}button{font:inherit;padding:.8rem 1.2rem}';

// The policies that a shop's page may have, by name.
const POLICIES = {
  none: () => null,
  // Everything forbidden but our script and our frame.
  strict: (torana) =>
    `default-src 'none'; script-src ${torana} 'nonce-${NONCE}'; frame-src ${torana}; img-src data:; style-src 'nonce-${NONCE}'; base-uri 'none'; form-action 'none'`,
  // One host for all: the page cannot even have a script of its own, the call comes from elsewhere.
  host: (torana) => `default-src ${torana}; script-src ${torana}; img-src data:`,
  // No frame may be opened.
  unframed: (torana) => `default-src 'none'; script-src ${torana} 'nonce-${NONCE}'; frame-src 'none'; img-src data:; style-src 'nonce-${NONCE}'`,
};

export class Merchant {
  static async start(torana) {
    const merchant = new Merchant();
    merchant.torana = torana;
    merchant.server = createServer((request, response) => merchant.#answer(request, response));
    merchant.server.listen(0, '127.0.0.1');
    await once(merchant.server, 'listening');
    merchant.port = merchant.server.address().port;
    // Another site than 127.0.0.1, and like it allowed what needs a secure page.
    merchant.url = `http://localhost:${merchant.port}`;
    return merchant;
  }

  /** A page with a button that pays `payment`. With `inline` the popup opens while the page loads, as documented. */
  page(payment, policy, inline = false) {
    const query = new URLSearchParams({ payment, policy });
    if (inline) query.set('inline', '1');
    return `${this.url}/shop?${query}`;
  }

  #answer(request, response) {
    const url = new URL(request.url, this.url);
    request.resume();
    if (url.pathname === '/shop') return this.#shop(url.searchParams, response);
    const known = { '/success': 'Thank you', '/cancel': 'Cancelled', '/webhook': 'ok' }[url.pathname];
    response.writeHead(known ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><h1>${known ?? 'Nothing'}</h1></html>`);
  }

  #shop(query, response) {
    const policy = POLICIES[query.get('policy')](this.torana);
    const payment = JSON.stringify(query.get('payment')).replaceAll('<', '\\u003c');
    const call = query.get('inline')
      ? `rupantorpayCheckOut(${payment});`
      : `document.getElementById('buy').addEventListener('click', function () { rupantorpayCheckOut(${payment}); });`;
    const hasOwn = query.get('policy') !== 'host';
    const script = hasOwn ? `<script nonce="${NONCE}">${call}</script>` : '';
    const style = hasOwn ? `<style nonce="${NONCE}">${STYLE}</style>` : '';
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    if (policy) headers['content-security-policy'] = policy;
    response.writeHead(200, headers);
    response.end(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Tea shop</title><link rel="icon" href="data:,">
${style}
<script src="${this.torana}/public/assets/js/checkout.js"></script></head>
<body><main><h1>Tea shop</h1><p>One pot of first flush.</p>
<p><button id="other" type="button">Add to basket</button> <button id="buy" type="button">Buy now</button></p></main>
${script}</body></html>`);
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
